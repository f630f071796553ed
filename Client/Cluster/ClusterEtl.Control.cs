using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>What people say to a run while it goes on. Saying it twice does no harm, so that every call may be repeated.</summary>
public sealed partial class ClusterEtl
{
    /// <inheritdoc/>
    public Task<Answer> Pause(RunId run, string reason, string? by, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Pause(reason, by), cancellation);

    /// <inheritdoc/>
    public Task<PipelinePause> PausePipeline(string? pipeline, string reason, string? by, CancellationToken cancellation) =>
        _calls.Ask(_ => Pauses.Pause(pipeline, reason, by), cancellation);

    /// <inheritdoc/>
    public Task<PipelinePause?> ResumePipeline(string? pipeline, CancellationToken cancellation) =>
        _calls.Ask(_ => Pauses.Resume(pipeline), cancellation);

    /// <inheritdoc/>
    public Task<ImmutableArray<PipelinePause>> PausedPipelines(CancellationToken cancellation) =>
        _calls.Ask(_ => Pauses.All(), cancellation);

    private IPipelinePausesGrain Pauses => _grains.GetGrain<IPipelinePausesGrain>(AnyKey());

    /// <inheritdoc/>
    public Task<Answer> Skip(RunId run, StepId step, string reason, string? by, bool wholeStage, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Skip(step, reason, by, wholeStage), cancellation);

    /// <inheritdoc/>
    public Task<Answer> Succeed(
        RunId run, StepId step, string reason, ImmutableArray<Field> values, string? by, bool wholeStage,
        CancellationToken cancellation) =>
        Tell(run, new RunCommand.Succeed(step, reason, values, by, wholeStage), cancellation);

    /// <inheritdoc/>
    /// <remarks>Without a key the call gets one of its own, so that its repetitions count once.</remarks>
    public Task<Answer> Signal(
        RunId run, string name, ImmutableArray<Field> data, string? key, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Signal(name, data, key ?? Convert.ToHexStringLower(_entropy())), cancellation);

    /// <inheritdoc/>
    public Task<Answer> Review(
        RunId run, StepId step, bool approved, string? by, string? comment, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Review(step, approved, by, comment), cancellation);

    /// <inheritdoc/>
    public async Task<Begun> Redrive(RunId run, string? by, CancellationToken cancellation)
    {
        if (await View(run, cancellation) is not { } view) return new Begun.Refused([Unknown(run)]);
        if (view.Status == RunStatus.Quarantined)
            return BegunOf(run, await _calls.Ask(_ => Pipeline(run).Tell(new RunCommand.Redrive(by)), cancellation));
        if (view.Status is not (RunStatus.Failed or RunStatus.Cancelled)) return new Begun.Refused([Redriving.Refusal(run, view.Status)]);
        var wished = new StartClaim(NewRun(), view.Definition, "", "", "");
        var holds = await _calls.Ask(
            _ => _grains.GetGrain<IStartKeyGrain>($"{view.Pipeline}/{Redriving.Key(run)}").Claim(wished), cancellation);
        var begun = BegunOf(holds.Run, await _calls.Ask(_ => RunCatalog.Rerun(holds.Run, new RerunRequest(run, null, [])), cancellation));
        return begun is Begun.Run again ? again with { IsExisting = holds.Run != wished.Run } : begun;
    }

    private async Task<Answer> Tell(RunId run, RunCommand command, CancellationToken cancellation) =>
        await View(run, cancellation) is null
            ? new Answer.Refused([Unknown(run)])
            : await _calls.Ask(_ => Pipeline(run).Tell(command), cancellation);
}
