namespace OrleansEtl.Cluster.Tests;

/// <summary>One <c>etl silo</c>. Its ports stay the same when it is started again.</summary>
internal sealed class SiloProcess(string folder, string name, int port, int gatewayPort, (string Name, string? Value)[] settings) : IDisposable
{
    private Program? _program;

    public string Name => name;
    public string Gateway => $"127.0.0.1:{gatewayPort}";
    public Program Program => _program ?? throw new InvalidOperationException($"{name} was not started.");
    public bool IsRunning => _program is { HasEnded: false };
    public Task Ended => _program?.Ended ?? Task.CompletedTask;

    /// <summary>Starts the process; <see cref="Ready"/> waits until it takes calls.</summary>
    public SiloProcess Start(params string[] more)
    {
        if (IsRunning) throw new InvalidOperationException($"{name} runs.");
        _program?.Dispose();
        string[] arguments = ["silo", "--port", $"{port}", "--gateway-port", $"{gatewayPort}", "--name", name, .. more];
        _program = Program.Start(folder, arguments, settings);
        return this;
    }

    /// <summary>Waits until it takes calls.</summary>
    public Task<string> Ready() => Program.Says("ready:");

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public Task Kill()
    {
        Program.Kill();
        return Program.End();
    }

    public void Freeze() => Program.Freeze();
    public void Thaw() => Program.Thaw();

    /// <summary>SIGTERM; waits for the end and gives the exit code.</summary>
    public Task<int> Term()
    {
        Program.Term();
        return Program.End();
    }

    public void Dispose() => _program?.Dispose();
}
