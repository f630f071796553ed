using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OrleansEtl.Definitions;

namespace OrleansEtl.Client;

/// <summary>A pipeline in the making. Never changes: every call gives a new one, so that a common beginning can be kept and continued in
/// several ways. Makes the same spec as YAML, which the same check looks at.</summary>
public sealed record PipelineBuilder
{
    private readonly CallSite _site;

    internal PipelineBuilder(string name, CallSite site) => (Name, _site) = (name, site);

    public string Name { get; }
    private string? Text { get; init; }
    private RetrySpec? Usual { get; init; }
    private TimeSpan? Reuse { get; init; }
    private OnConflict? Conflict { get; init; }
    private ImmutableArray<ParamSpec> Params { get; init; } = [];
    private ImmutableArray<LimitUse>? RunLimits { get; init; }
    private ImmutableArray<AlertRule>? Rules { get; init; }
    private ImmutableArray<(StepSpec Spec, CallSite Site)> Steps { get; init; } = [];

    /// <summary>The step that the next one reads.</summary>
    private string? Current { get; init; }

    public PipelineBuilder Described(string description) => this with { Text = description };

    /// <summary>A parameter that every run must be given.</summary>
    public PipelineBuilder Param(string name, ValueType type, string? description = null) =>
        this with { Params = Params.Add(new ParamSpec(name, type, null, description)) };

    /// <summary>A parameter with a default, whose type is the default's.</summary>
    public PipelineBuilder Param(string name, object @default, string? description = null) =>
        this with { Params = Params.Add(new ParamSpec(name, SpecValues.TypeOf(@default), SpecValues.From(@default), description)) };

    /// <summary>How steps are tried again that say nothing themselves.</summary>
    public PipelineBuilder RetryAll(RetrySpec retry) => this with { Usual = retry };

    /// <summary>A named limit of runs, which a run takes before its first step begins and keeps until it ends.</summary>
    public PipelineBuilder LimitedBy(string name, int weight = 1) =>
        this with { RunLimits = (RunLimits ?? []).Add(new LimitUse(name, weight)) };

    /// <summary>What is told of its runs, and to whom; each <see cref="AlertOn"/> once.</summary>
    public PipelineBuilder Alert(AlertRule rule) => this with { Rules = (Rules ?? []).Add(rule) };

    /// <summary>A step of any kind. It depends on nothing until <see cref="After"/> says so.</summary>
    /// <param name="with">An object whose properties are the fields: <c>new { path = "in.csv", header = true }</c>; or a
    /// dictionary.</param>
    public PipelineBuilder Step(
        string id, string kind, object? with = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Add(id, kind, [], SpecValues.Fields(with), new CallSite(file, line)) with { Current = id };

    /// <summary>A source. The next step reads it.</summary>
    public PipelineBuilder From(string id, ISource source, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Add(id, source.SourceKind, [], source.SourceFields, new CallSite(file, line)) with { Current = id };

    /// <summary>A transform of the step before. The next step reads it.</summary>
    public PipelineBuilder Then(string id, Transform transform, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Add(id, transform.Kind, Reads(transform.Reads), transform.Fields, new CallSite(file, line)) with { Current = id };

    /// <summary>A check of the step before. The next step reads the same rows, once the check has passed.</summary>
    public PipelineBuilder Expect(string id, Check check, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Add(id, check.Kind, Reads([]), check.Fields, new CallSite(file, line)) with { Current = id };

    /// <summary>A sink for the step before, which the next step can read as well.</summary>
    public PipelineBuilder To(string id, ISink sink, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Add(id, sink.SinkKind, Reads([]), sink.SinkFields, new CallSite(file, line));

    /// <summary>Goes back: the next step reads this one.</summary>
    public PipelineBuilder On(string id) => this with { Current = id };

    /// <summary>The last step also depends on these.</summary>
    public PipelineBuilder After(params string[] ids) =>
        Last(s => s with { DependsOn = [.. s.DependsOn.Concat(ids.Select(i => new StepId(i))).Distinct()] });

    /// <summary>How often the last step is tried again after a transient fault.</summary>
    public PipelineBuilder Retry(int max) => Last(s => s with { Retry = RetrySpec.Default with { Max = max } });

    /// <summary>How often and how patiently the last step is tried again; <see cref="RetrySpec.For"/> adds what
    /// holds for some faults.</summary>
    public PipelineBuilder Retry(RetrySpec retry) => Last(s => s with { Retry = retry });

    /// <summary>How long one attempt of the last step may take.</summary>
    public PipelineBuilder Timeout(TimeSpan timeout) => Last(s => s with { Timeout = timeout });

    /// <summary>Runs the last step once for each item of a list; its fields speak of it as <c>{{ item }}</c>.</summary>
    public PipelineBuilder ForEach(ForEachSpec items) => Last(s => s with { ForEach = items });

    /// <summary>When the last step runs: <c>on_failure</c>, <c>always</c>, or <c>{{ condition }}</c>.</summary>
    public PipelineBuilder When(string condition) => Last(s => s with { When = condition });

    /// <summary>The last step undoes that one: it runs only when the run fails or is cancelled after that one succeeded.</summary>
    public PipelineBuilder Compensates(string id) => Last(s => s with { DependsOn = [], Compensates = new StepId(id) });

    /// <summary>Keeps the dataset of the last step even where nobody needs it.</summary>
    public PipelineBuilder Materialized() => Last(s => s with { Materialize = true });

    /// <summary>A named limit that an attempt of the last step takes before it begins.</summary>
    public PipelineBuilder Takes(string limit, int weight = 1) =>
        Last(s => s with { Limits = s.Takes().Add(new LimitUse(limit, weight)) });

    /// <summary>Takes what the last step gave another run, if that did the same work no longer ago; zero: never.</summary>
    public PipelineBuilder Reused(TimeSpan age) => Last(s => s with { Reuse = age });

    /// <summary>As <see cref="Reused"/>, for all steps whose kind allows it and that do not say otherwise.</summary>
    public PipelineBuilder AllReused(TimeSpan age) => this with { Reuse = age };

    /// <summary>What a start does while another run goes on, unless it says so itself.</summary>
    public PipelineBuilder OnConflict(OnConflict rule) => this with { Conflict = rule };

    /// <summary>The spec as it is, unchecked.</summary>
    public PipelineSpec ToSpec() => new(
        Name, Text, Params, [.. Steps.Select(s => s.Spec)], Retry: Usual, Limits: RunLimits, Reuse: Reuse, OnConflict: Conflict,
        Alerts: Rules);

    /// <summary>The spec, checked.</summary>
    /// <exception cref="PipelineException">Something is wrong; it names everything, with the lines that said it.</exception>
    public PipelineSpec Build(KindCatalog kinds)
    {
        var spec = ToSpec();
        var faults = PipelineFile.Faults(spec, kinds);
        return faults.IsEmpty ? spec : throw new PipelineException(Name, [.. faults.Select(Place)]);
    }

    private Diagnostic Place(Fault fault)
    {
        var index = Enumerable.Range(0, Steps.Length)
            .FirstOrDefault(i => fault.Path is { } path && SpecPath.IsWithin(path, SpecPath.Step(i)), -1);
        var site = index < 0 ? _site : Steps[index].Site;
        return new Diagnostic(Severity.Error, fault.Code, fault.Message, site.File, site.Line, 1, 1, fault.Path, fault.Hint);
    }

    private ImmutableArray<StepId> Reads(ImmutableArray<string> others) =>
        [.. (Current is null ? others : others.Insert(0, Current)).Distinct().Select(i => new StepId(i))];

    private PipelineBuilder Add(string id, string kind, ImmutableArray<StepId> dependsOn, SpecValue.Map with, CallSite site) =>
        this with { Steps = Steps.Add((new StepSpec(new StepId(id), kind, dependsOn, with), site)) };

    private PipelineBuilder Last(Func<StepSpec, StepSpec> change)
    {
        if (Steps.IsEmpty) throw new InvalidOperationException("There is no step yet that this could be about: begin with From or Step.");
        var last = Steps[^1];
        return this with { Steps = Steps.SetItem(Steps.Length - 1, (change(last.Spec), last.Site)) };
    }
}

/// <summary>A pipeline made in C# that cannot run.</summary>
/// <param name="diagnostics">Everything that is wrong; files and lines are those of the calls that said it.</param>
public sealed class PipelineException(string pipeline, ImmutableArray<Diagnostic> diagnostics)
    : Exception($"The pipeline `{pipeline}` cannot run:\n" + string.Join('\n', diagnostics))
{
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;
}
