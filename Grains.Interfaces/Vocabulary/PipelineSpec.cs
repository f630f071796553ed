using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orleans;

namespace OrleansEtl;

/// <summary>A pipeline as people define it, in YAML or with the builder: both make this.</summary>
/// <param name="Name">Letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, starting with a letter; at most 63 characters.</param>
/// <param name="Steps">In the order written, which decides nothing: edges come from <c>depends_on</c>.</param>
/// <param name="Environment">The values that <c>{{ env.NAME }}</c> stands for, those that are used; null: none is.</param>
/// <param name="Retry">Of the steps that have none of their own; null: <see cref="RetrySpec.Default"/>.</param>
/// <param name="Limits">Named limits that a whole run takes before its first step begins; null: none.</param>
/// <param name="Reuse">For steps that do not say otherwise and whose kind allows it; null: none.</param>
/// <param name="OnConflict">For starts that do not say otherwise; null: allow.</param>
/// <param name="Templates">The templates that it was made from, its own first; null: none. Its steps are what they became.</param>
/// <param name="Alerts">What is told of its runs, and to whom; null: nothing.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelineSpec)]
public sealed record PipelineSpec(
    string Name,
    string? Description,
    ImmutableArray<ParamSpec> Params,
    ImmutableArray<StepSpec> Steps,
    EnvironmentSpec? Environment = null,
    RetrySpec? Retry = null,
    ImmutableArray<LimitUse>? Limits = null,
    TimeSpan? Reuse = null,
    OnConflict? OnConflict = null,
    ImmutableArray<TemplateUse>? Templates = null,
    ImmutableArray<AlertRule>? Alerts = null)
{
    /// <summary>Names this definition's content: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON.</summary>
    public string Version() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToValue().ToJson())))[..16];

    /// <summary>The spec as a plain value; the same for two specs that mean the same file content.</summary>
    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("pipeline", new SpecValue.Text(Name)),
        .. Description is null ? [] : new Field[] { new("description", new SpecValue.Text(Description)) },
        new("params", new SpecValue.Map([.. Params.Select(p => new Field(p.Name, p.ToValue()))])),
        .. Retry is null ? [] : new Field[] { new("retry", Retry.ToValue()) },
        .. LimitUse.ToFields(Limits),
        .. Reuse is null ? [] : new Field[] { new("reuse", new SpecValue.Real(Reuse.Value.TotalSeconds)) },
        .. OnConflict is null ? [] : new Field[] { new("on_conflict", new SpecValue.Text(OnConflict.Value.Word())) },
        .. AlertRule.ToFields(Alerts),
        new("steps", new SpecValue.List([.. Steps.Select(s => s.ToValue())])),
        .. Environment is null ? [] : new Field[] { new("env", Environment.ToValue()) },
        .. Templates is null ? [] : new Field[] { new("templates", new SpecValue.List([.. Templates.Value.Select(t => t.ToValue())])) },
    ]);

    /// <summary>What a whole run takes.</summary>
    public ImmutableArray<LimitUse> Takes() => Limits ?? [];

    /// <summary>The rule for that; null: there is none.</summary>
    public AlertRule? Alert(AlertOn on) => Alerts?.FirstOrDefault(rule => rule.On == on);
}

/// <summary>A template as a pipeline was made from it.</summary>
/// <param name="Content">Names what the template said: the same for two files that say the same.</param>
[GenerateSerializer, Immutable, Alias(WireNames.TemplateUse)]
public sealed record TemplateUse(string Name, int Version, string Content)
{
    /// <summary><c>csv_mart@2</c></summary>
    public override string ToString() => $"{Name}@{Version}";

    public SpecValue ToValue() => new SpecValue.Map([
        new("name", new SpecValue.Text(Name)),
        new("version", new SpecValue.Integer(Version)),
        new("content", new SpecValue.Text(Content)),
    ]);
}

/// <summary>Values of an environment as a definition holds them: taken when it was registered or started, and the same from then on.</summary>
/// <param name="Name">For example <c>prod</c>.</param>
/// <param name="Values">The default of each is its value.</param>
[GenerateSerializer, Immutable, Alias(WireNames.EnvironmentSpec)]
public sealed record EnvironmentSpec(string Name, ImmutableArray<ParamSpec> Values)
{
    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("name", new SpecValue.Text(Name)),
        new("values", new SpecValue.Map([.. Values.Select(value => new Field(value.Name, value.ToValue()))])),
    ]);
}

/// <summary>A parameter of a pipeline. One without a default must be given at the start of a run.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ParamSpec)]
public sealed record ParamSpec(
    string Name,
    ValueType Type,
    SpecValue? Default,
    string? Description)
{
    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("type", new SpecValue.Text(Type.ToString().ToLowerInvariant())),
        .. Default is null ? [] : new Field[] { new("default", Default) },
        .. Description is null ? [] : new Field[] { new("description", new SpecValue.Text(Description)) },
    ]);
}

/// <summary>The types of parameters and of step values. Dates and timestamps are ISO 8601 text.</summary>
[GenerateSerializer, Alias(WireNames.ValueType)]
public enum ValueType { Text, Integer, Number, Flag, Date, Timestamp, List, Map, Any }

/// <summary>One node of the graph.</summary>
/// <param name="When"><c>on_success</c> (default), <c>on_failure</c>, <c>always</c>, or an expression such as
/// <c>{{ steps.count.values.rows_out > 0 }}</c>, which implies <c>on_success</c>.</param>
/// <param name="Timeout">For one attempt, or for each item; null: no limit but the run's.</param>
/// <param name="ForEach">Runs it once for each item of a list; null: once.</param>
/// <param name="Limits">Named limits that an attempt takes before it begins; null: none.</param>
/// <param name="Reuse">How old a result of the same work may be that is taken instead of doing it; zero: none is taken. Null: as the
/// pipeline says.</param>
/// <param name="Compensates">The step that it undoes when the run fails or is cancelled after that step succeeded; null: it is a step like
/// others.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepSpec)]
public sealed record StepSpec(
    StepId Id,
    string Kind,
    ImmutableArray<StepId> DependsOn,
    SpecValue.Map With,
    RetrySpec? Retry = null,
    TimeSpan? Timeout = null,
    string? When = null,
    bool Materialize = false,
    ForEachSpec? ForEach = null,
    ImmutableArray<LimitUse>? Limits = null,
    TimeSpan? Reuse = null,
    StepId? Compensates = null)
{
    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("id", new SpecValue.Text(Id.Value)),
        new("kind", new SpecValue.Text(Kind)),
        .. DependsOn.IsEmpty ? [] : new Field[] { new("depends_on", Texts(DependsOn)) },
        .. With.Fields.IsEmpty ? [] : new Field[] { new("with", With) },
        .. Retry is null ? [] : new Field[] { new("retry", Retry.ToValue()) },
        .. Timeout is null ? [] : new Field[] { new("timeout", new SpecValue.Real(Timeout.Value.TotalSeconds)) },
        .. When is null ? [] : new Field[] { new("when", new SpecValue.Text(When)) },
        .. Materialize ? new Field[] { new("materialize", new SpecValue.Flag(true)) } : [],
        .. ForEach is null ? [] : new Field[] { new("for_each", ForEach.ToValue()) },
        .. LimitUse.ToFields(Limits),
        .. Reuse is null ? [] : new Field[] { new("reuse", new SpecValue.Real(Reuse.Value.TotalSeconds)) },
        .. Compensates is null ? [] : new Field[] { new("compensates", new SpecValue.Text(Compensates.Value.Value)) },
    ]);

    /// <summary>What an attempt takes.</summary>
    public ImmutableArray<LimitUse> Takes() => Limits ?? [];

    private static SpecValue.List Texts(ImmutableArray<StepId> ids) =>
        new([.. ids.Select(id => (SpecValue)new SpecValue.Text(id.Value))]);
}
