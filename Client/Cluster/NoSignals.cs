using Microsoft.Extensions.Hosting;

namespace OrleansEtl.Client;

/// <summary>Leaves Ctrl-C and SIGTERM to the program: a host within it must not take them.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
