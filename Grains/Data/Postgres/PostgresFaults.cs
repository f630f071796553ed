using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace OrleansEtl.Data.Postgres;

/// <summary>What goes wrong with a database, in words for people. A connection is only ever named, never
/// quoted.</summary>
internal static class PostgresFaults
{
    private const int MessageCharactersMax = 1000;
    private const string QueryCanceled = "57014";

    /// <summary>Runs something on the connection; what it throws becomes a fault, or the cancellation that it
    /// was.</summary>
    /// <param name="sql">The user's statement, so that its place can be told.</param>
    public static T Within<T>(string connection, CancellationToken cancellation, Func<T> act, string? sql = null)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException
            or ObjectDisposedException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new FaultException(Of(connection, e, sql));
        }
    }

    public static void Within(string connection, CancellationToken cancellation, Action act, string? sql = null) =>
        Within(connection, cancellation, () =>
        {
            act();
            return true;
        }, sql);

    public static Fault Of(string connection, Exception failure, string? sql = null) => failure switch
    {
        PostgresException said => Of(connection, said, sql),
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => new Fault(
            FaultKind.Unavailable, PostgresCodes.Unavailable, $"connection '{connection}': the server does not answer."),
        NpgsqlException { InnerException: SocketException socket } => Away(connection, socket.SocketErrorCode.ToString()),
        SocketException socket => Away(connection, socket.SocketErrorCode.ToString()),
        NpgsqlException or IOException or ObjectDisposedException =>
            Away(connection, "the connection broke"),
        _ => Away(connection, failure.GetType().Name),
    };

    private static Fault Away(string connection, string why) => new(
        FaultKind.Unavailable, PostgresCodes.Unavailable, $"connection '{connection}': the database is away ({why}).",
        Hint: "Is the server up, and reachable from where the step runs?");

    private static Fault Of(string connection, PostgresException said, string? sql)
    {
        var (kind, code) = Sort(said.SqlState);
        var place = sql is not null && said.Position > 0 ? Place(sql, said.Position) + ": " : "";
        var text = new StringBuilder($"connection '{connection}': {place}{said.MessageText.TrimEnd('.')}");
        if (said.ColumnName is { Length: > 0 } column) text.Append($" (column '{column}')");
        if (said.ConstraintName is { Length: > 0 } constraint) text.Append($" (constraint '{constraint}')");
        if (said.Detail is { Length: > 0 } detail) text.Append($". {detail.TrimEnd('.')}");
        if (kind == FaultKind.Invalid && said.Where is { Length: > 0 } where && where.StartsWith("COPY", StringComparison.Ordinal))
            text.Append($". In {where.Split('\n')[0]}");
        var message = text.Append($" ({said.SqlState}).").ToString();
        return new Fault(kind, code, Excerpt.Of(message, MessageCharactersMax), Hint: Hint(said));
    }

    private static string? Hint(PostgresException said) => said.SqlState switch
    {
        "25006" => "extract.sql only reads; load.postgres writes.",
        QueryCanceled => "Let the query read less, or raise timeout_seconds.",
        _ when said.Hint is { Length: > 0 } hint => hint,
        _ => null,
    };

    private static (FaultKind, string) Sort(string state) => state switch
    {
        QueryCanceled or "55P03" => (FaultKind.Exhausted, PostgresCodes.Exhausted),
        "25006" => (FaultKind.Denied, PostgresCodes.NotOneQuery),
        "42501" or "3D000" or "0LP01" => (FaultKind.Denied, PostgresCodes.Denied),
        "42P10" => (FaultKind.Invalid, PostgresCodes.KeyInvalid),
        "42P01" or "42703" or "3F000" => (FaultKind.Invalid, PostgresCodes.QueryInvalid),
        "42P07" => (FaultKind.Unavailable, PostgresCodes.Unavailable), // Somebody else made the table just now.
        "21000" => (FaultKind.Invalid, PostgresCodes.KeyInvalid),
        _ when state.StartsWith("28", StringComparison.Ordinal) => (FaultKind.Denied, PostgresCodes.Denied),
        _ when state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal) =>
            (FaultKind.Invalid, PostgresCodes.ValueRefused),
        _ when state.StartsWith("53", StringComparison.Ordinal) => (FaultKind.Exhausted, PostgresCodes.Exhausted),
        _ when state.StartsWith("40", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal)
            || state.StartsWith("57", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal) =>
            (FaultKind.Unavailable, PostgresCodes.Unavailable),
        _ => (FaultKind.Invalid, PostgresCodes.QueryInvalid),
    };

    /// <summary>Postgres counts characters, from 1.</summary>
    private static string Place(string sql, int position)
    {
        var before = sql[..Math.Clamp(Utf16(sql, position - 1), 0, sql.Length)];
        return $"line {before.Count(c => c == '\n') + 1}, column {before.Length - before.LastIndexOf('\n')}";
    }

    private static int Utf16(string sql, int characters)
    {
        var at = 0;
        for (var i = 0; i < characters && at < sql.Length; i++) at += char.IsSurrogatePair(sql, at) ? 2 : 1;
        return at;
    }
}
