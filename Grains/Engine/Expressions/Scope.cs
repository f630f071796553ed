using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>A value together with what is known of its type: a day and a text are both <see cref="SpecValue.Text"/>.</summary>
public readonly record struct Typed(SpecValue Value, ValueType Type)
{
    public static readonly Typed Null = new(new SpecValue.Null(), ValueType.Any);
    public bool IsNull => Value is SpecValue.Null;

    public static Typed Of(SpecValue value) => new(value, value switch
    {
        SpecValue.Flag => ValueType.Flag,
        SpecValue.Integer => ValueType.Integer,
        SpecValue.Real => ValueType.Number,
        SpecValue.Text => ValueType.Text,
        SpecValue.List => ValueType.List,
        SpecValue.Map => ValueType.Map,
        _ => ValueType.Any,
    });
}

/// <summary>What expressions can see while a run goes on. A name that a checked plan knows but that has no value yet (a step that
/// was skipped, a count that is unknown) is null.</summary>
public sealed class Scope
{
    private readonly FrozenDictionary<string, Typed> _params;
    private readonly EnvironmentSpec? _environment;
    private readonly Func<StepId, StepResult?> _results;
    private readonly RunId _run;
    private readonly string _pipeline;
    private readonly DateTimeOffset _startedAt;
    private readonly RunOccasion? _occasion;

    /// <param name="params">The run's parameters, defaults filled in (<see cref="RunParams"/>).</param>
    /// <param name="occasion">The time that the run is for; null: none.</param>
    /// <param name="results">What a step gave; null when it gave nothing.</param>
    public Scope(
        PipelineSpec spec, RunId run, DateTimeOffset startedAt, ImmutableArray<Field> @params, RunOccasion? occasion,
        Func<StepId, StepResult?> results)
    {
        var types = spec.Params.ToDictionary(p => p.Name, p => p.Type);
        _params = @params.ToFrozenDictionary(
            f => f.Name,
            f => types.TryGetValue(f.Name, out var type) && type != ValueType.Any ? new Typed(f.Value, type) : Typed.Of(f.Value));
        (_run, _pipeline, _startedAt, _occasion, _results, _environment) = (run, spec.Name, startedAt, occasion, results, spec.Environment);
    }

    /// <summary>The word for the item of a step that runs for each item.</summary>
    public const string Item = "item";

    private readonly FrozenDictionary<string, Typed>? _named;
    private readonly (int Index, string Key, SpecValue Value)? _item;
    private readonly ImmutableArray<string>? _moments;

    /// <summary>What the fields of one item see.</summary>
    /// <param name="names">All that they speak of besides the item, found where the run is.</param>
    /// <param name="moments">Fields of the item that are moments.</param>
    public Scope(ImmutableArray<NamedValue> names, int index, string key, SpecValue item, ImmutableArray<string>? moments)
    {
        _named = names.ToFrozenDictionary(name => name.Name, name => new Typed(name.Value, name.Type));
        (_item, _moments) = ((index, key, item), moments);
        (_params, _results, _run, _pipeline) = (FrozenDictionary<string, Typed>.Empty, _ => null, default, "");
    }

    public Typed Find(Expression.Path path)
    {
        var names = path.Segments;
        if (names[0] == Item && _item is { } item) return ItemValue(item, names);
        if (_named is not null) return _named.GetValueOrDefault(path.ToString(), Typed.Null);
        return names[0] switch
        {
            "params" when names.Length >= 2 => Member(_params.GetValueOrDefault(names[1], Typed.Null), names, 2),
            "env" when names.Length >= 2 => Member(EnvironmentValue(names[1]), names, 2),
            "steps" when path.IsStepValue => Member(StepValue(names[1], names[3]), names, 4),
            "run" when names is ["run", "trigger", ..] => TriggerValue(names),
            "run" => RunValue(string.Join('.', names.AsSpan(1..))),
            _ => Typed.Null,
        };
    }

    private Typed ItemValue((int Index, string Key, SpecValue Value) item, ImmutableArray<string> names) => names switch
    {
        [_] => Typed.Of(item.Value),
        [_, "index"] => Typed.Of(new SpecValue.Integer(item.Index)),
        [_, "key"] => Typed.Of(new SpecValue.Text(item.Key)),
        [_, var name] when _moments?.Contains(name) is true => Member(Typed.Of(item.Value), names, 1) with { Type = ValueType.Timestamp },
        _ => Member(Typed.Of(item.Value), names, 1),
    };

    private static Typed Member(Typed value, ImmutableArray<string> names, int from)
    {
        for (var i = from; i < names.Length; i++)
            value = (value.Value as SpecValue.Map)?[names[i]] is { } member ? Typed.Of(member) : Typed.Null;
        return value;
    }

    private Typed EnvironmentValue(string name) =>
        _environment?.Values.FirstOrDefault(value => value.Name == name) is { Default: { } found } known
            ? known.Type == ValueType.Any ? Typed.Of(found) : new Typed(found, known.Type)
            : Typed.Null;

    private Typed StepValue(string step, string name)
    {
        if (_results(new StepId(step)) is not { } result) return Typed.Null;
        return name switch
        {
            "rows_in" => Count(result.RowsIn),
            "rows_out" => Count(result.RowsOut),
            "rows_rejected" => Count(result.RowsRejected),
            _ => result.Values.FirstOrDefault(f => f.Name == name) is { } field ? Typed.Of(field.Value) : Typed.Null,
        };
    }

    /// <summary>What happened; its names are those of the kind of trigger, and what somebody outside has sent.</summary>
    private Typed TriggerValue(ImmutableArray<string> names) => (_occasion?.Trigger, names) switch
    {
        (null, _) => Typed.Null,
        ({ } trigger, [_, _, "id"]) => Typed.Of(new SpecValue.Text(trigger.Id)),
        ({ } trigger, [_, _, "kind"]) => Typed.Of(new SpecValue.Text(trigger.Kind)),
        ({ } trigger, _) => Member(Typed.Of(trigger.Values), names, 2),
    };

    private Typed RunValue(string name) => name switch
    {
        "id" => Typed.Of(new SpecValue.Text(_run.Value)),
        "pipeline" => Typed.Of(new SpecValue.Text(_pipeline)),
        "started_at" => Moment(_startedAt),
        "interval.start" => Moment(_occasion is { Trigger: null } timed ? timed.IntervalStart : null),
        "interval.end" or "scheduled_at" => Moment(_occasion is { Trigger: null } ended ? ended.IntervalEnd : null),
        "partition" => _occasion?.Partition is { } partition ? Typed.Of(new SpecValue.Text(partition)) : Typed.Null,
        _ => Typed.Null,
    };

    private static Typed Moment(DateTimeOffset? moment) => moment is { } at
        ? new Typed(new SpecValue.Text(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)), ValueType.Timestamp)
        : Typed.Null;

    private static Typed Count(long? rows) => rows is { } count ? Typed.Of(new SpecValue.Integer(count)) : Typed.Null;
}
