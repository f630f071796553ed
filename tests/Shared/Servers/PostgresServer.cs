using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace OrleansEtl.Servers;

/// <summary>
/// A private Postgres with fsync and synchronous_commit on, in a folder of its own below the temporary folder, on a free port of the
/// loopback address. It is stopped by its process id and removed on disposal. Postgres refuses to run as root: then it
/// runs as the user <c>postgres</c>, which Debian's package makes.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int Sigint = 2, Sigquit = 3, Sigkill = 9, Sigstop = 19, Sigcont = 18;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly string _binaries;
    private readonly string[] _settings;
    private Process? _process;
    private int _databases;

    private PostgresServer(string folder, string binaries, int port, string[] settings)
    {
        (_folder, _binaries, Port, _settings) = (folder, binaries, port, settings);
    }

    public int Port { get; }

    public string LogFile => Path.Combine(_folder, "log");

    /// <summary>Of the database <c>postgres</c>; see <see cref="NewDatabase"/>.</summary>
    public string ConnectionString => Of("postgres");

    /// <param name="settings">As of postgresql.conf: <c>max_connections=50</c>.</param>
    public static async Task<PostgresServer> Start(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("etl-postgres-").FullName;
        var server = new PostgresServer(folder, Binaries(), FreePorts.Next(), settings);
        if (Environment.IsPrivilegedProcess) await Run("chown", "postgres", folder);
        await Run(server.Command("initdb", "-D", server.Data, "-U", "etl", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"));
        await server.Start();
        return server;
    }

    public string Of(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = Port, Database = database, Username = "etl",
    }.ConnectionString;

    /// <summary>A new, empty database; returns its connection string.</summary>
    public async Task<string> NewDatabase()
    {
        var name = $"db{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return Of(name);
    }

    /// <summary>After <see cref="Stop"/> or <see cref="Kill"/>; returns when it takes connections.</summary>
    public async Task Start()
    {
        string[] settings =
        [
            $"port={Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder}", "fsync=on", "synchronous_commit=on",
            "max_connections=200", .. _settings,
        ];
        var command = Command("postgres", ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })]);
        command.RedirectStandardError = command.RedirectStandardOutput = true;
        _process = Process.Start(command)!;
        var log = File.AppendText(LogFile);
        _process.ErrorDataReceived += (_, line) => { lock (log) { if (line.Data is null) log.Dispose(); else { log.WriteLine(line.Data); log.Flush(); } } };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        var waited = Stopwatch.StartNew();
        while (!await Answers())
        {
            if (_process.HasExited || waited.Elapsed > StartPatience)
                throw new InvalidOperationException($"Postgres did not start:\n{await File.ReadAllTextAsync(LogFile)}");
            await Task.Delay(20);
        }
    }

    /// <summary>A fast shutdown: connections are closed, everything is written.</summary>
    public Task Stop() => End(Sigint);

    /// <summary>As after a crash of the server: the next start recovers from the log.</summary>
    public Task Kill() => End(Sigquit);

    /// <summary>Freezes the server's first process, which takes connections; those that are open go on.</summary>
    public void Freeze() => Signal(Sigstop);

    public void Thaw() => Signal(Sigcont);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_process is { HasExited: false }) await End(Sigquit);
        _process?.Dispose();
        if (Environment.IsPrivilegedProcess || Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task End(int signal)
    {
        Signal(signal);
        await _process!.WaitForExitAsync().WaitAsync(StartPatience);
    }

    private void Signal(int signal)
    {
        if (_process is { HasExited: false } process && Libc.Kill(process.Id, signal) != 0)
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {process.Id}.");
    }

    private async Task<bool> Answers()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=5");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private ProcessStartInfo Command(string program, params string[] arguments)
    {
        var path = Path.Combine(_binaries, program);
        return Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]) { WorkingDirectory = _folder }
            : new ProcessStartInfo(path, arguments) { WorkingDirectory = _folder };
    }

    private static Task Run(string program, params string[] arguments) => Run(new ProcessStartInfo(program, arguments));

    private static async Task Run(ProcessStartInfo command)
    {
        command.RedirectStandardError = command.RedirectStandardOutput = true;
        using var process = Process.Start(command)!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command.FileName} failed: {await errors}");
    }

    private static string Binaries() =>
        Environment.GetEnvironmentVariable("ETL_POSTGRES_BIN") ?? Installed()
        ?? throw new InvalidOperationException("Postgres is not installed. Install it with: apt-get install postgresql");

    private static string? Installed()
    {
        const string versions = "/usr/lib/postgresql";
        if (!Directory.Exists(versions)) return null;
        var newest = Directory.GetDirectories(versions)
            .Where(version => File.Exists(Path.Combine(version, "bin", "initdb")))
            .MaxBy(version => int.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out var number) ? number : 0);
        return newest is null ? null : Path.Combine(newest, "bin");
    }

    private static class Libc
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static extern int Kill(int process, int signal);
    }
}
