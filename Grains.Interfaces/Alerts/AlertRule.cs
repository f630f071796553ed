using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What a pipeline alerts to.</summary>
[GenerateSerializer, Alias(WireNames.AlertOn)]
public enum AlertOn
{
    /// <summary>A run failed.</summary>
    Failed,
    /// <summary>A run failed, and the first step to fail was a check. Where there is no such rule, <see cref="Failed"/> is the one.</summary>
    CheckFailed,
    /// <summary>A run has not ended so long after its start.</summary>
    Late,
    /// <summary>No run of the registered pipeline has succeeded for so long.</summary>
    Stale,
}

/// <summary>From when a late run is counted.</summary>
[GenerateSerializer, Alias(WireNames.LateFrom)]
public enum LateFrom
{
    Start,
    /// <summary>The end of the interval that a schedule started it for; of a run without one, and of a backfill's, its start.</summary>
    Due,
}

/// <summary>Under <c>alerts</c> of a pipeline: what is told, and to whom. There is at most one rule for each <see cref="AlertOn"/>.</summary>
/// <param name="To">The names of channels, which are defined where connections are.</param>
/// <param name="After">Of <see cref="AlertOn.Late"/>.</param>
/// <param name="Within">Of <see cref="AlertOn.Stale"/>.</param>
/// <param name="Repeat">Between two messages of this rule; what happens meanwhile is counted. Null: <see cref="RepeatUsual"/>.</param>
/// <param name="Resolved">Whether it is told too when it is over.</param>
/// <param name="WhileWaiting">Of <see cref="AlertOn.Late"/>: whether time counts in which the run waits for an approval or a signal.</param>
[GenerateSerializer, Immutable, Alias(WireNames.AlertRule)]
public sealed record AlertRule(
    AlertOn On,
    ImmutableArray<string> To,
    TimeSpan? After = null,
    LateFrom From = LateFrom.Start,
    TimeSpan? Within = null,
    TimeSpan? Repeat = null,
    bool Resolved = false,
    bool WhileWaiting = false)
{
    /// <summary>Often enough that a trouble of a day is not forgotten, seldom enough that nobody switches the channel off.</summary>
    public static readonly TimeSpan RepeatUsual = TimeSpan.FromHours(1);

    public TimeSpan RepeatEvery() => Repeat ?? RepeatUsual;

    /// <summary>As it is written in a spec.</summary>
    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("on", new SpecValue.Text(EnumWords.Word(On))),
        .. Duration("after", After),
        .. From == LateFrom.Due ? new Field[] { new("from", new SpecValue.Text("due")) } : [],
        .. Duration("within", Within),
        new("to", new SpecValue.List([.. To.Select(name => (SpecValue)new SpecValue.Text(name))])),
        .. Duration("repeat", Repeat),
        .. Flag("resolved", Resolved),
        .. Flag("while_waiting", WhileWaiting),
    ]);

    /// <summary>Without any, nothing.</summary>
    public static IEnumerable<Field> ToFields(ImmutableArray<AlertRule>? rules) => rules is { IsEmpty: false } some
        ? [new Field("alerts", new SpecValue.List([.. some.Select(rule => (SpecValue)rule.ToValue())]))]
        : [];

    private static Field[] Duration(string name, TimeSpan? duration) =>
        duration is { } given ? [new(name, new SpecValue.Text(Durations.ToText(given)))] : [];

    private static Field[] Flag(string name, bool isSet) => isSet ? [new(name, new SpecValue.Flag(true))] : [];
}
