using Npgsql;

namespace OrleansEtl.Data.Postgres;

/// <summary>A database by its name in pipelines, and the secret text that leads there. Only the name is ever
/// shown.</summary>
public sealed class PostgresAddress(string name, string connectionString)
{
    private const int ApplicationNameMax = 63;

    public string Name => name;

    public override string ToString() => name;

    /// <summary>A connection of its own, which ends with its use: nothing that a statement set outlives it, and a
    /// server can tell who is who.</summary>
    internal NpgsqlConnection Open(string application, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(Text(application));
        try
        {
            PostgresFaults.Within(name, cancellation, () =>
                connection.OpenAsync(cancellation).GetAwaiter().GetResult());
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private string Text(string application)
    {
        try
        {
            var text = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                ApplicationName = application[..Math.Min(application.Length, ApplicationNameMax)],
                CommandTimeout = 0, // Statements end by the server's own bound, or by cancellation.
                PersistSecurityInfo = false,
                IncludeErrorDetail = true,
                KeepAlive = 10, // Between statements; within one the sockets see to it.
                TcpKeepAlive = true,
                TcpKeepAliveTime = 30,
                TcpKeepAliveInterval = 10,
                Enlist = false,
            };
            return text.ConnectionString;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new FaultException(new Fault(
                FaultKind.Invalid, PostgresCodes.ConnectionInvalid,
                $"connection '{name}' is not defined by a connection string of Postgres.",
                Hint: "For example: Host=db.example;Port=5432;Database=shop;Username=etl;Password=…"));
        }
    }
}
