using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Alerts;

/// <summary>What is wrong with the alerts of a pipeline.</summary>
public static class AlertCheck
{
    /// <summary>Channels of one rule: whoever must tell more people has a channel that reaches them all.</summary>
    public const int ChannelsMax = 10;

    /// <summary>Shorter times would be over before anybody has looked.</summary>
    public static readonly TimeSpan TimeMin = TimeSpan.FromSeconds(1);

    /// <summary>A name as connections have it.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 63 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    public static IEnumerable<Fault> Faults(ImmutableArray<AlertRule> rules)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var (rule, path) = (rules[i], SpecPath.Item("alerts", i));
            if (!Enum.IsDefined(rule.On)) continue;
            if (rules.Take(i).Any(other => other.On == rule.On))
                yield return Wrong(path, "on", $"`{EnumWords.Word(rule.On)}` has a rule already.", "Name all channels in one rule: to: [ops, team]");
            foreach (var fault in Channels(rule, path).Concat(Times(rule, path))) yield return fault;
        }
    }

    public static Fault UnknownChannel(string name, ImmutableArray<string> channels) => new(
        FaultKind.NotFound, AlertCodes.UnknownChannel,
        $"There is no channel {Describe.Quote(name)}{(channels.IsEmpty ? "; none is defined." : $" (there is {string.Join(", ", channels.Take(20))}).")}", null,
        (Spelling.Nearest(name, channels) is { } nearest ? $"Did you mean `{nearest}`? " : "")
        + "Define it where connections are: in the file that ETL_CONNECTIONS names, of the process that sends.");

    private static IEnumerable<Fault> Channels(AlertRule rule, string path)
    {
        if (rule.To.IsEmpty) yield return Wrong(path, "to", "The alert goes to nobody.", "Name a channel: to: [ops]");
        if (rule.To.Length > ChannelsMax) yield return Wrong(path, "to", $"{rule.To.Length} channels are named; at most {ChannelsMax} are allowed.");
        foreach (var name in rule.To.Take(ChannelsMax))
        {
            if (name.Length > 0 && !IsName(name))
                yield return Wrong(path, "to", $"{Describe.Quote(name)} cannot name a channel.",
                    "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
            else if (rule.To.Count(other => other == name) > 1)
            {
                yield return Wrong(path, "to", $"Channel {name} is named twice.");
                break;
            }
        }
    }

    private static IEnumerable<Fault> Times(AlertRule rule, string path)
    {
        var on = EnumWords.Word(rule.On);
        if (rule.On == AlertOn.Late && rule.After is null) yield return Wrong(path, "after", "`late` needs a time.", "For example: after: 2h");
        if (rule.On == AlertOn.Stale && rule.Within is null) yield return Wrong(path, "within", "`stale` needs a time.", "For example: within: 26h");
        if (rule.On != AlertOn.Late && rule.After is not null) yield return Strange("after", AlertOn.Late);
        if (rule.On != AlertOn.Late && rule.From != LateFrom.Start) yield return Strange("from", AlertOn.Late);
        if (rule.On != AlertOn.Late && rule.WhileWaiting) yield return Strange("while_waiting", AlertOn.Late);
        if (rule.On != AlertOn.Stale && rule.Within is not null) yield return Strange("within", AlertOn.Stale);
        foreach (var (name, time) in new[] { ("after", rule.After), ("within", rule.Within), ("repeat", rule.Repeat) })
            if (time < TimeMin)
                yield return Wrong(path, name, $"`{name}` is {Durations.ToText(time.Value)}, expected at least {Durations.ToText(TimeMin)}.");

        Fault Strange(string name, AlertOn of) =>
            Wrong(path, name, $"`{name}` says nothing for `{on}`.", $"It belongs to `{EnumWords.Word(of)}`.");
    }

    private static Fault Wrong(string path, string field, string message, string? hint = null) =>
        new(FaultKind.Invalid, AlertCodes.WrongRule, message, SpecPath.Field(path, field), hint);
}
