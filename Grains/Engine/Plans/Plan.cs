using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>A checked pipeline: steps by their position, edges both ways, and the stages that run as one.
/// Once a run has started with it, it never changes; it is stored with the run, so that a later version of the planner cannot
/// regroup a run that is under way.</summary>
/// <param name="Steps">In the order of the spec.</param>
/// <param name="Stages">In an order in which every stage comes after those that it needs.</param>
public sealed record Plan(PipelineSpec Spec, ImmutableArray<PlannedStep> Steps, ImmutableArray<PlannedStage> Stages)
{
    /// <summary>Where each step stands in <see cref="Steps"/>.</summary>
    public FrozenDictionary<StepId, int> Positions { get; } =
        Steps.Select((step, position) => (step.Spec.Id, position)).ToFrozenDictionary(pair => pair.Id, pair => pair.position);

    /// <summary><see cref="PipelineSpec.Version"/> of the spec, worked out once.</summary>
    public string Version { get; } = Spec.Version();

    /// <summary>The first step that waits for each signal whose name is written in the spec.</summary>
    public FrozenDictionary<string, int> Signals { get; } = Steps
        .Where(step => step.SignalName is not null && !Template.IsIn(step.SignalName))
        .DistinctBy(step => step.SignalName)
        .ToFrozenDictionary(step => step.SignalName!, step => step.Index);

    /// <summary>Stages that are undone when the run fails, and the stages that do it.</summary>
    public FrozenDictionary<int, int> Compensations { get; } = Stages
        .Where(stage => stage.Condition is StepCondition.Compensation)
        .ToFrozenDictionary(stage => stage.Needs[0], stage => stage.Index);

    /// <summary>Whether some signal gets its name only while the run goes on.</summary>
    public bool HasOpenSignals { get; } = Steps.Any(step => step.SignalName is { } name && Template.IsIn(name));
}

/// <param name="Index">Its position in the spec.</param>
/// <param name="DependsOn">Positions of the steps that it depends on.</param>
/// <param name="Dependants">Positions of the steps that depend on it.</param>
/// <param name="Inputs">The datasets that it reads. A dependency that is not among them only has to end before it.</param>
/// <param name="Stage">The stage that it runs in.</param>
/// <param name="Published">Whether its <c>out</c> becomes a dataset: it gives one, and ends its stage or is asked to by the spec.</param>
/// <param name="SqlPaths">Texts below <c>with</c> that are SQL and hold templates: values go in as literals.</param>
public sealed record PlannedStep(
    int Index,
    StepSpec Spec,
    ImmutableArray<int> DependsOn,
    ImmutableArray<int> Dependants,
    ImmutableArray<PlannedInput> Inputs,
    int Stage,
    bool Published,
    StepCondition Condition,
    ImmutableArray<string> SqlPaths)
{
    /// <summary>Whether its <c>with</c> waits for values; most do not, and are dispatched as they are.</summary>
    public bool HasTemplates { get; } = Template.IsIn(Spec.With);

    /// <summary>What it waits for instead of running; null: it runs.</summary>
    public AwaitKind? Awaits { get; init; }

    /// <summary>The datasets that its list of items is made of.</summary>
    public ImmutableArray<PlannedInput> ItemInputs { get; init; } = [];

    internal string? SignalName => Awaits == AwaitKind.Signal ? (Spec.With[AwaitFields.Name] as SpecValue.Text)?.Value : null;
}

/// <summary>A dataset that a step reads.</summary>
/// <param name="Name">As the step knows it: <c>orders</c>, <c>orders.rejects</c>.</param>
/// <param name="Step">The position of the step that gives it.</param>
public sealed record PlannedInput(string Name, int Step, string Port)
{
    public const string Out = DatasetName.Out;
    /// <summary>What became of each item of a step that runs for each item.</summary>
    public const string Items = "items";
}

/// <summary>A linear chain of steps that is dispatched, tried again and finished as one.</summary>
/// <param name="Steps">Positions, in the order of the chain.</param>
/// <param name="Needs">Stages that must have ended before.</param>
/// <param name="Feeds">Stages that need this one.</param>
/// <param name="Timeout">For one attempt: the smallest that its steps ask for.</param>
/// <param name="Reuse">How old a result of the same work may be to be taken instead; null: none is.</param>
public sealed record PlannedStage(
    int Index,
    ImmutableArray<int> Steps,
    ImmutableArray<int> Needs,
    ImmutableArray<int> Feeds,
    RetrySpec Retry,
    TimeSpan? Timeout,
    StepCondition Condition,
    TimeSpan? Reuse = null);

/// <summary>When a step may run, once all that it depends on has ended.</summary>
public abstract record StepCondition
{
    private StepCondition() { }

    /// <summary>All that it depends on succeeded.</summary>
    public sealed record OnSuccess : StepCondition;
    /// <summary>Something that it depends on, directly or not, failed.</summary>
    public sealed record OnFailure : StepCondition;
    /// <summary>However things ended, unless the run is cancelled.</summary>
    public sealed record Always : StepCondition;
    /// <summary>The run fails or is cancelled after the one step that it depends on succeeded.</summary>
    public sealed record Compensation : StepCondition;
    /// <summary>All that it depends on succeeded and the expression is true.</summary>
    public sealed record If(string Expression) : StepCondition;
}
