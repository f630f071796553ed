using OrleansEtl.Servers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansEtl.Bench;

/// <summary>An <c>etl silo</c> in a process of its own.</summary>
internal sealed class LoneSilo : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private LoneSilo(Process process, int port, int gateway) =>
        (_process, Port, GatewayEndPoint) = (process, port, new IPEndPoint(IPAddress.Loopback, gateway));

    public int Port { get; }

    public IPEndPoint GatewayEndPoint { get; }

    public string Gateway => GatewayEndPoint.ToString();

    /// <param name="folder">Shared by all silos.</param>
    public static async Task<LoneSilo> Start(string database, string folder)
    {
        var (port, gateway) = (FreePorts.Next(), FreePorts.Next());
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("ETL_EXE") ?? throw new InvalidOperationException("ETL_EXE names the published etl"),
            [
                "silo", "--postgres", database, "--data", folder, "--port", $"{port}", "--gateway-port", $"{gateway}", "--name", $"bench-{port}",
                "--memory", "256MiB", "--spill", Path.Combine(folder, $"spill-{port}"),
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => { if (line.Data?.StartsWith("ready:", StringComparison.Ordinal) == true) ready.TrySetResult(); };
        process.ErrorDataReceived += (_, line) => { if (line.Data?.StartsWith("error", StringComparison.Ordinal) == true) Console.Error.WriteLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ready.Task.WaitAsync(StartPatience);
        return new LoneSilo(process, port, gateway);
    }

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
