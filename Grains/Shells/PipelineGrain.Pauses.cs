using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>A run is paused with its pipeline and goes on with it, and is told neither by name.</summary>
public sealed partial class PipelineGrain
{
    void ILiveRun.HeedPauses() =>
        Task.Factory.StartNew(HeedPause, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns);

    private void HeedPause()
    {
        if (_leaving || !_run.Exists) return;
        switch (desk.Pauses.Now.Of(_run.Plan!.Spec.Name))
        {
            case { } pause when _run.Status == RunStatus.Running:
                Put(new Letter(new RunCommand.Pause(pause.Reason, pause.By, WithPipeline: true), null, default));
                break;
            case null when _run.Pause is { WithPipeline: true }:
                Put(new Letter(new RunCommand.Resume(WithPipeline: true), null, default));
                break;
        }
    }
}
