namespace OrleansEtl.Engine.Alerts;

/// <summary>What a watch may hear. Each may come twice or too late.</summary>
public abstract record News
{
    private News() { }

    /// <summary>A run is about to begin.</summary>
    public sealed record Begins(RunId Run, DateTimeOffset? LateAt) : News;

    /// <summary>A run has ended.</summary>
    /// <param name="Rule">Of its pipeline as the run began with it, which tells of this end; null: none does.</param>
    public sealed record Ended(RunId Run, RunStatus Status, DateTimeOffset At, AlertRule? Rule = null, AlertCause? Cause = null) : News;

    /// <summary>A run that was announced is not stored.</summary>
    public sealed record NotThere(RunId Run) : News;

    /// <summary>A run has not ended although it should have.</summary>
    public sealed record Late(RunId Run, AlertRule Rule, AlertCause Cause) : News;

    /// <summary>A run that would be late is paused, or waits for people.</summary>
    public sealed record Held(RunId Run, DateTimeOffset Since) : News;

    /// <summary>The registry may be about to change.</summary>
    public sealed record Registering : News;

    /// <summary>What the registry says.</summary>
    /// <param name="Stale">The rule of the active version; null: there is none.</param>
    /// <param name="IsHeld">Whether the pipeline is paused, or all of its schedules are.</param>
    public sealed record Registered(AlertRule? Stale, bool IsHeld) : News;

    /// <summary>Time has passed.</summary>
    public sealed record Tick : News;

    /// <summary>Somebody is about to try a message.</summary>
    public sealed record Sends(long Number, string Channel) : News;

    /// <summary>What came of a try.</summary>
    /// <param name="Fault">Null: it has arrived.</param>
    public sealed record Sent(long Number, string Channel, int Tries, Fault? Fault) : News;

    /// <param name="Everywhere">Also where it has arrived.</param>
    public sealed record Resend(long Number, bool Everywhere) : News;
}
