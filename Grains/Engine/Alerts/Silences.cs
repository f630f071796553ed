using System.Collections.Immutable;

namespace OrleansEtl.Engine.Alerts;

/// <summary>All silences, and who made them.</summary>
/// <param name="All">Also such as have ended; they go with the next change.</param>
/// <param name="Acts">Newest first.</param>
public sealed record Silences(ImmutableArray<AlertSilence> All, ImmutableArray<AlertAct> Acts)
{
    public const int SilencesMax = 100;
    public const int ActsMax = 200;
    public const int ReasonMax = 500;
    /// <summary>Whoever wants to hear nothing for longer takes the rule out of the pipeline.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromDays(31);

    public static readonly Silences None = new([], []);

    /// <summary>What silences the pipeline now, the longest; null: nothing does.</summary>
    public AlertSilence? Of(string pipeline, DateTimeOffset now) =>
        All.Where(one => one.Until > now && (one.Pipeline is null || one.Pipeline == pipeline)).MaxBy(one => one.Until);

    public AlertSilences View(DateTimeOffset now) => new([.. All.Where(one => one.Until > now)], Acts);

    /// <summary>One of the same id is there already and stays.</summary>
    public Outcome<Silences> With(AlertSilence silence)
    {
        var active = All.RemoveAll(one => one.Until <= silence.Since);
        if (active.Any(one => one.Id == silence.Id)) return this;
        if (silence.Until <= silence.Since || silence.Until > silence.Since + TimeMax)
            return Wrong($"A silence of {Durations.ToText(silence.Until - silence.Since)} is asked for; "
                + $"expected more than 0s and at most {Durations.ToText(TimeMax)}.");
        if (silence.Reason.Length is 0 or > ReasonMax)
            return Wrong($"The reason has {silence.Reason.Length} characters; expected 1 to {ReasonMax}.");
        if (active.Length >= SilencesMax)
            return new Fault(FaultKind.Exhausted, AlertCodes.TooManySilences, $"There are {active.Length} silences already.", null,
                "Silence all: etl alerts silence --all, or take some back: etl alerts silences");
        var what = $"silenced {silence.Pipeline ?? "all"} for {Durations.ToText(silence.Until - silence.Since)}: {silence.Reason}";
        return new Silences(active.Add(silence), Noted(new AlertAct(silence.Since, silence.By, what)));
    }

    public (Silences After, AlertSilence? Ended) Without(string id, string? by, DateTimeOffset now)
    {
        if (All.FirstOrDefault(one => one.Id == id && one.Until > now) is not { } silence) return (this, null);
        return (new Silences(All.Remove(silence), Noted(new AlertAct(now, by, $"ended the silence {id} of {silence.Pipeline ?? "all"}"))), silence);
    }

    private ImmutableArray<AlertAct> Noted(AlertAct act) => [act, .. Acts.Take(ActsMax - 1)];

    private static Fault Wrong(string message) => new(FaultKind.Invalid, AlertCodes.WrongSilence, message, null,
        "For example: etl alerts silence orders --for 2h --reason \"the source is being moved\"");
}
