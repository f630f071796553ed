using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>What can be said of a kind of step, and what it does.</summary>
public sealed record StepKind(KindSpec Spec, StepBehaviour Behaviour)
{
    public string Name => Spec.Name;

    public static KindDraft Extract(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Extract, summary, InputArity.None, Fusing.Head);

    public static KindDraft Transform(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Transform, summary, InputArity.One, Fusing.Link).IsPure();

    public static KindDraft Check(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Check, summary, InputArity.One, Fusing.Tail).IsPure();

    public static KindDraft Load(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Load, summary, InputArity.One, Fusing.Tail, ports: []);

    /// <summary>Hands datasets to something outside the engine, and takes what comes back.</summary>
    public static KindDraft Outside(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Transform, summary, InputArity.Any, Fusing.Alone, ports: []);

    /// <summary>A kind of a host's own, whose work is code. It reads any number of datasets unless <see cref="KindDraft.Reads"/> says
    /// otherwise, and gives those of its ports.</summary>
    /// <param name="name">Two words with a dot between them: <c>shop.geocode</c>.</param>
    public static KindDraft Code(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Transform, summary, InputArity.Any, Fusing.Alone, ports: []);

    /// <summary>Steers the run and touches no rows.</summary>
    public static KindDraft Flow(string name, string summary) =>
        KindDraft.Begin(name, StepCategory.Flow, summary, InputArity.None, Fusing.Alone, ports: []);
}

/// <summary>A kind under construction: reads as a sentence and ends with what the kind does.</summary>
public sealed record KindDraft(KindSpec Spec)
{
    private static readonly PortSpec Out = new("out", "The rows that the step gives.");

    internal static KindDraft Begin(
        string name, StepCategory category, string summary, InputArity inputs, Fusing fusing,
        ImmutableArray<PortSpec>? ports = null) =>
        new(new KindSpec(name, category, summary, "", inputs, fusing, [], ports ?? [Out], [], [], []));

    /// <summary>Further sentences on what it does.</summary>
    public KindDraft Describe(string description) => new(Spec with { Description = description });
    public KindDraft Reads(InputArity inputs, Fusing fusing) => new(Spec with { Inputs = inputs, Fusing = fusing });
    public KindDraft Takes(params WithField[] fields) =>
        new(Spec with { Fields = Spec.Fields.AddRange(fields.Select(f => f.Spec)) });
    public KindDraft Port(string name, string summary) =>
        new(Spec with { Ports = Spec.Ports.Add(new PortSpec(name, summary)) });
    public KindDraft Promises(string promise) => new(Spec with { Promise = promise });

    /// <inheritdoc cref="KindSpec.IsPure"/>
    public KindDraft IsPure() => new(Spec with { IsPure = true });

    public KindDraft Alias(params string[] names) => new(Spec with { Aliases = Spec.Aliases.AddRange(names) });

    /// <summary>The field in which a step names further values that it gives.</summary>
    public KindDraft Declares(string field) => new(Spec with { DeclaresValues = field });

    /// <summary>The field in which a step names further datasets that it gives.</summary>
    public KindDraft DeclaresPorts(string field) => new(Spec with { DeclaresPorts = field });

    public KindDraft Gives(string name, ValueType type, string summary) =>
        new(Spec with { Values = Spec.Values.Add(new ValueSpec(name, type, summary)) });

    /// <param name="yaml">A whole pipeline that runs in an empty folder.</param>
    public KindDraft Example(string title, string yaml) =>
        new(Spec with { Examples = Spec.Examples.Add(new ExampleSpec(title, yaml)) });

    public StepKind Scans(Func<ScanCall, ScanPlan> plan) => new(Spec, new StepBehaviour.Scans(plan));
    public StepKind Shapes(Func<StepCall, ShapePlan> plan) => new(Spec, new StepBehaviour.Shapes(plan));
    public StepKind Verifies(Func<StepCall, CheckPlan> plan) => new(Spec, new StepBehaviour.Verifies(plan));
    public StepKind IsDoneAtOnce() => new(Spec, new StepBehaviour.IsDone());
    public StepKind Awaits(AwaitKind what) => new(Spec with { Awaits = what }, new StepBehaviour.Waits());
    public StepKind Writes(Func<StepCall, WritePlan> plan) => new(Spec, new StepBehaviour.Writes(plan));
    public StepKind Sends(Func<StepCall, SendPlan> plan) => new(Spec, new StepBehaviour.Sends(plan));
    public StepKind Calls(Func<StepCall, HttpPlan> plan) => new(Spec, new StepBehaviour.Calls(plan));
    public StepKind Starts(Func<StepCall, ProgramPlan> plan) => new(Spec, new StepBehaviour.Starts(plan));
    public StepKind Runs(Func<CodeCall, Task> run) => new(Spec with { Fusing = Fusing.Alone }, new StepBehaviour.Computes(run));
    public StepKind Runs(Action<CodeCall> run) => Runs(call =>
    {
        run(call);
        return Task.CompletedTask;
    });
}
