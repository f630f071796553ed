using OrleansEtl.Data.Logs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>What the attempts of a run said, out of their files: nobody who drives the run is asked or waited for.</summary>
public sealed class RunLogs(LogStore logs, RunHistory runs, IRunCatalog catalog)
{
    /// <returns>Null when there is no such run.</returns>
    /// <exception cref="FaultException">ETL4113: the limit. ETL4224: the run has no such step. ETL6600, ETL6601, ETL6602: see
    /// <see cref="LogReading"/>.</exception>
    public async Task<LogPage?> Read(LogFilter filter, CancellationToken cancellation)
    {
        Paging.Checked(filter.Limit);
        if (await catalog.Run(filter.Run, cancellation) is not { } row) return null;
        StepId? first = filter.Step is { } step ? await runs.FirstOfStage(filter.Run, step, cancellation) : null;
        // Its end was read first: attempts write all that they say before they report.
        return logs.Read(filter, first, row.Status.IsTerminal());
    }
}
