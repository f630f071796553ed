using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>Reads what a step waits for from its filled-in fields.</summary>
internal static partial class Waiting
{
    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    public static bool IsName(string? text) => text is not null && Name().IsMatch(text);

    /// <param name="newChild">The id of the run that it waits for.</param>
    /// <param name="timeout">The step's own, which counts where its fields name none.</param>
    public static Outcome<Awaited> Of(AwaitKind kind, SpecValue.Map with, TimeSpan? timeout, Func<RunId> newChild, DateTimeOffset now)
    {
        var fields = new Reader(with);
        if (kind == AwaitKind.Run)
        {
            var child = fields.Child(newChild(), timeout);
            return fields.Fault is { } wrong ? wrong : new Awaited(kind, null, null, [], null, FailsThen: false, [], child);
        }
        var until = kind == AwaitKind.Time ? fields.Moment(now) : now + (fields.Duration(AwaitFields.Timeout) ?? timeout);
        var awaited = kind switch
        {
            AwaitKind.Signal => new Awaited(
                kind, fields.SignalName(), null, [], until, fields.OnTimeout(AwaitFields.Fail) == AwaitFields.Fail, fields.Default()),
            AwaitKind.Approval => new Awaited(
                kind, null, fields.Text(AwaitFields.Message), fields.Texts(AwaitFields.Approvers), until,
                fields.OnTimeout(AwaitFields.Fail) == AwaitFields.Fail,
                Answer(fields.OnTimeout(AwaitFields.Fail) == AwaitFields.Approve, null, null, byTimeout: true)),
            _ => new Awaited(kind, null, null, [], until, FailsThen: false, []),
        };
        return fields.Fault is { } fault ? fault : awaited;
    }

    /// <summary>The values of a step that asked for approval.</summary>
    public static ImmutableArray<Field> Answer(bool approved, string? by, string? comment, bool byTimeout) =>
    [
        new(AwaitFields.Approved, new SpecValue.Flag(approved)),
        new(AwaitFields.By, by is null ? new SpecValue.Null() : new SpecValue.Text(by)),
        new(AwaitFields.Comment, comment is null ? new SpecValue.Null() : new SpecValue.Text(comment)),
        new(AwaitFields.DecidedByTimeout, new SpecValue.Flag(byTimeout)),
    ];

    /// <summary>Why the data are not what the step declares; null when they are.</summary>
    public static Fault? Misfit(PlannedStep step, string signal, ImmutableArray<Field> data)
    {
        if (step.Spec.With[AwaitFields.Values] is not SpecValue.Map declared) return null;
        foreach (var (name, type) in declared.Fields.Select(field => (field.Name, (field.Value as SpecValue.Text)?.Value)))
        {
            var expected = Enum.TryParse<ValueType>(type, ignoreCase: true, out var known) ? known : ValueType.Any;
            var given = data.FirstOrDefault(field => field.Name == name)?.Value;
            if (given is not null && Plans.Values.Conform(expected, given).Succeeded) continue;
            return new Fault(FaultKind.Invalid, "ETL4267",
                $"Signal {signal}: step {step.Spec.Id} expects `{name}` to be {Describe.Type(expected)}, "
                + $"found {(given is null ? "nothing" : Describe.Value(given))}.", null,
                $"Send all that it declares: {string.Join(", ", declared.Fields.Select(f => $"{f.Name} ({f.Value.ToPlainText()})"))}.");
        }
        return null;
    }

    /// <summary>Keeps the first fault.</summary>
    private sealed class Reader(SpecValue.Map with)
    {
        public Fault? Fault { get; private set; }

        public string SignalName()
        {
            var name = Text(AwaitFields.Name);
            return IsName(name) ? name! : Wrong(AwaitFields.Name, "a letter, then at most 62 letters, digits, `_`, `-` and `.`", "");
        }

        public ChildRun Child(RunId run, TimeSpan? timeout) => new(
            run, IsName(Text(AwaitFields.Pipeline)) ? Text(AwaitFields.Pipeline)! : Wrong(AwaitFields.Pipeline, "the name of a registered pipeline", ""),
            with[AwaitFields.Version] switch
            {
                null or SpecValue.Null => null,
                SpecValue.Integer { Value: > 0 and <= int.MaxValue } number => (int)number.Value,
                _ => Wrong<int?>(AwaitFields.Version, "the number of a version", null),
            },
            with[AwaitFields.Params] as SpecValue.Map ?? SpecValue.Map.Empty, timeout, Text(AwaitFields.OnParentEnd) == AwaitFields.Abandon);

        public string? Text(string field) => with[field] is null or SpecValue.Null ? null : with[field]!.ToPlainText();

        public ImmutableArray<string> Texts(string field) => with[field] switch
        {
            SpecValue.List list => [.. list.Items.Select(item => item.ToPlainText())],
            SpecValue.Text text => [text.Value],
            _ => [],
        };

        public string OnTimeout(string otherwise) => Text(AwaitFields.OnTimeout) ?? otherwise;

        public ImmutableArray<Field> Default() => with[AwaitFields.Default] is SpecValue.Map map ? map.Fields : [];

        public TimeSpan? Duration(string field)
        {
            if (Text(field) is not { } text) return null;
            return Durations.TryParse(text, out var duration) ? duration : Wrong(field, "a duration such as 30s, 5m, 2h or 1d", TimeSpan.Zero);
        }

        /// <summary>When a step that waits for a time goes on.</summary>
        public DateTimeOffset Moment(DateTimeOffset now)
        {
            var (lasting, until) = (Duration(AwaitFields.For), Text(AwaitFields.Until));
            if (lasting is null == (until is null)) return Wrong(AwaitFields.For, "one of `for` and `until`", now);
            if (lasting is { } wait) return now + wait;
            return Comparison.Instant(until!) is { } instant
                ? instant
                : Wrong(AwaitFields.Until, "a timestamp such as 2026-01-31T09:00:00Z", now);
        }

        private T Wrong<T>(string field, string expected, T instead)
        {
            Fault ??= new Fault(FaultKind.Invalid, "ETL4272",
                $"`{field}` is {(with[field] is { } value ? Describe.Value(value) : "not given")}; expected {expected}.", $"with.{field}");
            return instead;
        }
    }
}
