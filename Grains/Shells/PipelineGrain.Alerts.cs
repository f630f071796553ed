using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells;

/// <summary>Who watches the pipeline knows of the run before it begins, and so asks for an end that nobody could tell. A run without alerts costs
/// nothing of this.</summary>
public sealed partial class PipelineGrain
{
    private bool IsToBeWatched(RunCommand command) => command is RunCommand.Start { Spec.Alerts.IsEmpty: false } && !_run.Exists;

    /// <summary>Outside the pump: others may be heard meanwhile, and a start that fails here is asked again.</summary>
    private async Task<Answer> Watched(RunCommand.Start start)
    {
        await Watch(start.Spec.Name).Begins(Id, RunAlerts.LateAt(start.Spec, start.Occasion, desk.Clock.GetUtcNow()));
        return await Offer(start);
    }

    /// <summary>Once: who was not told asks.</summary>
    private void TellWatch()
    {
        var spec = _run.Plan!.Spec;
        if (spec.Alerts is { IsEmpty: false }) _ = desk.Alerts.Begin(() => Telling(Watch(spec.Name)));

        async Task Telling(IAlertGrain watch)
        {
            try
            {
                await watch.Ended(Id);
            }
            catch (Exception) // its silo or the store is away
            {
            }
        }
    }

    private IAlertGrain Watch(string pipeline) => GrainFactory.GetGrain<IAlertGrain>(pipeline);
}
