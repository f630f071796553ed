using System.Diagnostics;
using System.Globalization;

namespace OrleansEtl.Servers;

/// <summary>
/// A private RabbitMQ in a folder of its own below the temporary folder, on free ports of the loopback address, with its own name, cookie and
/// port mapper. Both processes are ended by their ids, and the folder is removed on disposal.
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-rabbit-").FullName;
    private readonly int _mapperPort = FreePorts.Next();
    private readonly int _nodePort = FreePorts.Next();
    private Process? _mapper;
    private Process? _server;

    private RabbitServer()
    {
    }

    public int Port { get; } = FreePorts.Next();

    public string Address => $"amqp://guest:guest@127.0.0.1:{Port}/";

    public static async Task<RabbitServer> Start()
    {
        if (!File.Exists(Program)) throw new InvalidOperationException("RabbitMQ is not installed. Install it with: apt-get install rabbitmq-server");
        var server = new RabbitServer();
        File.WriteAllText(Path.Combine(server._folder, "env"), "");
        server._mapper = Process.Start(server.Command("epmd", "-port", Text(server._mapperPort), "-address", "127.0.0.1"))!;
        await server.Begin();
        return server;
    }

    /// <summary>After <see cref="Kill"/>; returns when it takes connections.</summary>
    public async Task Begin()
    {
        _server = Process.Start(Command(Program))!;
        var said = new List<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.OutputDataReceived += (_, line) =>
        {
            lock (said) said.Add(line.Data ?? "");
            if (line.Data is null) ready.TrySetException(new InvalidOperationException($"RabbitMQ did not start:\n{string.Join('\n', said)}"));
            else if (line.Data.Contains("Server startup complete", StringComparison.Ordinal)) ready.TrySetResult();
        };
        _server.BeginOutputReadLine();
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginErrorReadLine();
        await ready.Task.WaitAsync(StartPatience);
    }

    /// <summary>As the loss of the machine; what was durable is there after the next start.</summary>
    public async Task Kill()
    {
        _server!.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false }) await Kill();
        if (_mapper is { HasExited: false })
        {
            _mapper.Kill();
            await _mapper.WaitForExitAsync();
        }
        _server?.Dispose();
        _mapper?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ProcessStartInfo Command(string program, params string[] arguments)
    {
        var command = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in new[]
        {
            ("HOME", _folder), ("ERL_EPMD_PORT", Text(_mapperPort)), ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODENAME", $"etl{Port}@localhost"),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODE_PORT", Text(Port)), ("RABBITMQ_DIST_PORT", Text(_nodePort)),
            ("RABBITMQ_MNESIA_BASE", Path.Combine(_folder, "mnesia")), ("RABBITMQ_LOG_BASE", Path.Combine(_folder, "log")), ("RABBITMQ_LOGS", "-"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_folder, "plugins")), ("RABBITMQ_CONFIG_FILE", Path.Combine(_folder, "none")),
            ("RABBITMQ_CONF_ENV_FILE", Path.Combine(_folder, "env")),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
        })
            command.Environment[name] = value;
        return command;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
