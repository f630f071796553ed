using Orleans;

namespace OrleansEtl.Shells;

/// <summary>The runs that steps start, wherever they are driven.</summary>
/// <param name="Find">A registered version of a pipeline; null: the active one. What is not there is a fault that no repetition heals.</param>
/// <param name="Start">The same start again changes nothing.</param>
/// <param name="Ended">The run once it is at rest, or as it is when that takes longer; null: it is not there.</param>
/// <param name="Cancel">Of a run that has started, with the reason.</param>
public sealed record ChildRuns(
    Func<string, int?, CancellationToken, Task<PipelineVersion>> Find, Func<RunId, RunCommand.Start, Task<Answer>> Start,
    Func<RunId, TimeSpan, Task<RunView?>> Ended, Func<RunId, string, Task<Answer>> Cancel)
{
    /// <summary>Where each run is one grain of a cluster.</summary>
    public static ChildRuns OnCluster(Func<string, int?, CancellationToken, Task<PipelineVersion>> find, IGrainFactory grains)
    {
        return new ChildRuns(
            find, (run, start) => Grain(run).Tell(start), (run, patience) => Grain(run).Ended(patience, CancellationToken.None),
            (run, reason) => Grain(run).Tell(new RunCommand.Cancel(reason)));

        IPipelineGrain Grain(RunId run) => grains.GetGrain<IPipelineGrain>(run.Value);
    }
}
