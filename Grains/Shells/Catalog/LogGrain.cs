using Orleans;
using Orleans.Concurrency;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Reads logs where their files are.</summary>
[Reentrant, GrainType("log"), Role(SiloRoles.Data)]
public sealed class LogGrain(RunLogs logs) : Grain, ILogGrain
{
    public Task<LogPage?> Read(LogFilter filter) => Task.Run(() => logs.Read(filter, CancellationToken.None));
}
