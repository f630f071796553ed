using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Triggers;

/// <summary>
/// A trigger as a value: <see cref="Decide"/> says what it is after something was seen or asked, and what it then owes is in it, as
/// <see cref="Starting"/>. It is stored as the value that it is, and what becomes of it is told by its last starts.
///
/// Promised here: for what is seen any number of times one start is decided, whose run id is decided with it. A trigger that sees nothing says
/// why. Not promised here: durability (the shell writes before anybody pays), and that a start is paid once (its run id is the same each time).
/// </summary>
public sealed partial record Trigger
{
    /// <summary>What became of as many starts is shown.</summary>
    public const int RecentMax = 50;

    private Trigger() { }

    /// <summary>What a trigger is before it is made.</summary>
    public static readonly Trigger None = new();

    public TriggerId Id { get; private init; }
    public TriggerSpec? Spec { get; private init; }

    /// <summary>What happened before this is not its business: it was made then, or was let go on.</summary>
    public DateTimeOffset Since { get; private init; }
    public DateTimeOffset? LastLook { get; private init; }

    /// <summary>Null: it does not look.</summary>
    public DateTimeOffset? NextLook { get; private init; }

    /// <summary>Why the last looks failed, and how many.</summary>
    public Fault? Fault { get; private init; }
    public int Failures { get; private init; }

    /// <summary>Decided, and not known to be made.</summary>
    public ImmutableList<TriggerStart> Starting { get; private init; } = [];

    /// <summary>Oldest first.</summary>
    public ImmutableList<TriggerStartView> Recent { get; private init; } = [];

    public KnownFiles Files { get; private init; } = KnownFiles.None;
    public KnownRuns Runs { get; private init; } = KnownRuns.None;
    public KnownSuccess Success { get; private init; } = KnownSuccess.None;

    /// <summary>Null: it has not been looked yet.</summary>
    public KnownDataset? Dataset { get; private init; }

    public bool Exists => Spec is not null;

    /// <summary>Decides; a trigger that stays as it is has heard nothing new.</summary>
    public static TriggerDecision Decide(Trigger trigger, TriggerCommand command, DateTimeOffset now, TriggerBounds bounds)
    {
        if (command is TriggerCommand.Put put) return Put(trigger, put, now);
        if (!trigger.Exists) return TriggerDecision.Refuse(FaultKind.NotFound, TriggerCodes.NoTrigger, "There is no such trigger.");
        if (command is TriggerCommand.Delivered delivered) return trigger.Took(delivered, now, bounds);
        return new TriggerDecision.Accepted(command switch
        {
            TriggerCommand.Pause when !trigger.Spec!.IsPaused =>
                trigger with { Spec = trigger.Spec with { IsPaused = true }, NextLook = null, Fault = null, Failures = 0 },
            TriggerCommand.Resume when trigger.Spec!.IsPaused =>
                (trigger with { Spec = trigger.Spec with { IsPaused = false }, Since = now, Runs = KnownRuns.None }).LooksFrom(now),
            TriggerCommand.Pause or TriggerCommand.Resume => trigger,
            TriggerCommand.Paid paid => paid.Starts.Aggregate(trigger, (one, start) => one.Without(start.Run, start.Fault)),
            _ when trigger.Spec!.IsPaused => trigger, // what was on its way when it was paused is seen again
            TriggerCommand.FilesSeen seen => trigger.Saw(seen, now, bounds),
            TriggerCommand.FilesIdentified identified => trigger.Identified(identified.Files, now, bounds),
            TriggerCommand.RunsSeen seen => trigger.Saw(seen, now, bounds),
            TriggerCommand.SuccessSeen seen => trigger.Saw(seen, now, bounds),
            TriggerCommand.LookFailed failed => trigger.Failed(failed.Fault, now, bounds),
            TriggerCommand.Rejected rejected => trigger.Refuses(now, rejected.Delivery.What, rejected.Fault) with { LastLook = now, Fault = null },
            TriggerCommand.Hindered { Fault: var fault } =>
                fault == trigger.Fault && trigger.LastLook is not null ? trigger : trigger with { LastLook = now, Fault = fault },
            _ => throw new UnreachableException(command.GetType().Name),
        });
    }

    private static TriggerDecision Put(Trigger trigger, TriggerCommand.Put put, DateTimeOffset now)
    {
        if (TriggerCheck.Of(put.Spec) is { IsEmpty: false } faults) return new TriggerDecision.Refused(faults);
        var spec = put.KeepsPause && trigger.Exists ? put.Spec with { IsPaused = trigger.Spec!.IsPaused } : put.Spec;
        if (spec == trigger.Spec) return new TriggerDecision.Accepted(trigger);
        var looksElsewhere = !trigger.Exists || !LooksAtTheSame(trigger.Spec!.On, spec.On);
        var after = trigger with { Id = put.Id, Spec = spec, Fault = null, Failures = 0 };
        if (looksElsewhere)
            after = after with
            {
                Since = now, LastLook = null, Files = KnownFiles.None, Runs = KnownRuns.None, Success = KnownSuccess.None, Dataset = null,
            };
        else if (trigger.Spec!.IsPaused && !spec.IsPaused) after = after with { Since = now, Runs = KnownRuns.None };
        return new TriggerDecision.Accepted(spec.IsPaused ? after with { NextLook = null } : after.LooksFrom(now));
    }

    private static bool LooksAtTheSame(TriggerSource before, TriggerSource after) => (before, after) switch
    {
        (TriggerSource.OfFile b, TriggerSource.OfFile a) => b.Path == a.Path,
        (TriggerSource.OfPipeline b, TriggerSource.OfPipeline a) => b.Pipeline == a.Pipeline,
        (TriggerSource.OfFreshness b, TriggerSource.OfFreshness a) => b.Pipeline == a.Pipeline,
        (TriggerSource.OfDataset b, TriggerSource.OfDataset a) => b.Dataset == a.Dataset,
        (TriggerSource.OfWebhook, TriggerSource.OfWebhook) or (TriggerSource.OfRabbitMq, TriggerSource.OfRabbitMq) => true,
        _ => false,
    };

    private Trigger LooksFrom(DateTimeOffset now) => this with { NextLook = Spec!.On is TriggerSource.OfWebhook or TriggerSource.OfRabbitMq ? null : now };

    private Trigger Looked(DateTimeOffset now, TimeSpan every) => this with { LastLook = now, NextLook = now + every, Fault = null, Failures = 0 };

    private Trigger Failed(Fault fault, DateTimeOffset now, TriggerBounds bounds)
    {
        var wait = Every(bounds) * Math.Pow(2, Math.Min(Failures, 10));
        return this with
        {
            LastLook = now, NextLook = now + (wait < bounds.FaultMax ? wait : Every(bounds) > bounds.FaultMax ? Every(bounds) : bounds.FaultMax),
            Fault = fault, Failures = Failures + 1,
        };
    }

    private TimeSpan Every(TriggerBounds bounds) => Spec!.On switch
    {
        TriggerSource.OfFile file => file.Every,
        TriggerSource.OfFreshness => bounds.FreshnessEvery,
        _ => bounds.RunsEvery,
    };

    /// <summary>Decides a start, unless that run is being started already.</summary>
    private Trigger Starts(EventKey key, DateTimeOffset idAt, DateTimeOffset now, string what, SpecValue.Map values, int depth = 1)
    {
        var run = key.Run(idAt);
        return Starting.Exists(start => start.Run == run) ? this : this with
        {
            Starting = Starting.Add(new TriggerStart(key.Value, run, now, what, values, depth)),
            Recent = Kept(Recent.Add(new TriggerStartView(now, what, TriggerOutcome.Starting, run, null))),
        };
    }

    private Trigger Refuses(DateTimeOffset now, string what, Fault fault) =>
        this with { Recent = Kept(Recent.Add(new TriggerStartView(now, what, TriggerOutcome.Refused, null, fault))) };

    private Trigger Without(RunId run, Fault? fault) => Starting.Find(start => start.Run == run) is not { } start ? this : this with
    {
        Starting = Starting.Remove(start),
        Recent = Recent.Find(one => one.Run == run) is { } shown
            ? Recent.Replace(shown, shown with { Outcome = fault is null ? TriggerOutcome.Started : TriggerOutcome.Refused, Fault = fault })
            : Recent,
        Files = fault is null ? Files : Files.WithoutStart(run),
        Dataset = fault is null ? Dataset : Dataset?.WithoutStart(run),
    };

    private static ImmutableList<TriggerStartView> Kept(ImmutableList<TriggerStartView> recent) =>
        recent.Count > RecentMax ? recent.RemoveRange(0, recent.Count - RecentMax) : recent;
}

/// <param name="Key">See <see cref="EventKey"/>.</param>
/// <param name="Run">Its id, decided with the start, so that whoever starts it starts the same.</param>
/// <param name="At">When it was decided.</param>
/// <param name="What">For people.</param>
/// <param name="Values">What is told of what happened.</param>
/// <param name="Depth">See <see cref="RunTrigger"/>.</param>
public sealed record TriggerStart(string Key, RunId Run, DateTimeOffset At, string What, SpecValue.Map Values, int Depth = 1);
