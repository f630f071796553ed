using System.Net.Sockets;
using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>What Npgsql's exceptions mean to the one who meets them.</summary>
internal static class PostgresFaults
{
    /// <summary>Of a statement. Null: no fault of the store, but of what was asked of it.</summary>
    public static FaultException? From(Exception exception) => exception switch
    {
        PostgresException { SqlState: "53100" } full => StorageFaults.ServerDiskFull(full.MessageText),
        PostgresException refused => MayPass(refused) ? StorageFaults.ServerAway(refused.MessageText) : null,
        NpgsqlException lost => StorageFaults.ServerAway(Said(lost)),
        IOException or SocketException or TimeoutException => StorageFaults.ServerAway(exception.Message),
        ObjectDisposedException => StorageFaults.Closed(),
        _ => null,
    };

    /// <summary>Of a connection that could not be made. No write is to blame, so nobody looks for one.</summary>
    public static FaultException? OfConnecting(Exception exception) => exception switch
    {
        PostgresException refused => StorageFaults.ServerAway(refused.MessageText),
        _ => From(exception),
    };

    /// <summary>Of the first connection, when a person looks on who can mend it.</summary>
    public static FaultException? OfOpening(Exception exception, NpgsqlDataSource source) => exception switch
    {
        PostgresException { SqlState: ['2', '8', ..] or "3D000" or "42501" } refused =>
            StorageFaults.ServerRefuses(Place(source), refused.MessageText),
        PostgresException refused when !MayPass(refused) => StorageFaults.Refused(Place(source), Said(refused)),
        _ => OfConnecting(exception),
    };

    /// <summary>Found in this statement, and in no other try of it.</summary>
    public static FaultException Refused(PostgresException exception) => StorageFaults.Refused("Postgres", Said(exception));

    /// <summary>Connections (08), resources (53), intervention and shutdown (57), a deadlock or a conflict of transactions (40), a lock
    /// (55P03), a server that is only a copy for now (25006), its disk or files (58).</summary>
    private static bool MayPass(PostgresException refused) =>
        refused.SqlState is ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or ['4', '0', ..] or "55P03" or "25006";

    private static string Place(NpgsqlDataSource source)
    {
        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return $"{settings.Host}:{settings.Port}/{settings.Database}";
    }

    private static string Said(NpgsqlException exception) =>
        exception is PostgresException refused ? $"{refused.MessageText}, SQLSTATE {refused.SqlState}"
        : exception.InnerException is { } inner ? $"{exception.Message}: {inner.Message}" : exception.Message;
}
