using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;
using OrleansEtl.Steps;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>A stage runner that does what the test says, and counts what it was asked to do.</summary>
internal sealed class ScriptedRunner : IStageRunner
{
    private readonly ConcurrentDictionary<string, Func<StageWork, CancellationToken, Task<StageOutcome>>> _scripts = [];

    private readonly ConcurrentDictionary<Attempt, Action<ImmutableArray<StepProgress>>> _says = [];

    public ConcurrentQueue<string> Ran { get; } = [];

    /// <summary>The silos on which attempts ran, by step and attempt: <c>a/1</c>.</summary>
    public ConcurrentDictionary<string, SiloAddress> Places { get; } = [];

    public static StageOutcome? AtOnce(StageWork work) => work.Steps[0].Kind != "test.light" ? null
        : new StageOutcome.Succeeded([.. work.Steps.Select(step => new StepResult(step.Id, null, null, null, [], []))]);

    /// <summary>Names work for those who want to use its results again; nothing has a name unless a test says so.</summary>
    public Func<StageWork, string?> Names { get; set; } = _ => null;

    /// <summary>Whether datasets are still there.</summary>
    public Func<ImmutableArray<StepResult>, bool> Finds { get; set; } = _ => true;

    public Task<string?> ReuseKey(StageWork work, CancellationToken cancellation) => Task.FromResult(Names(work));

    public bool AreThere(ImmutableArray<StepResult> results) => Finds(results);

    public void On(string step, Func<StageWork, CancellationToken, Task<StageOutcome>> script) => _scripts[step] = script;

    /// <summary>Says how far an attempt is.</summary>
    public void Say(StageWork work, StepProgress progress) => _says[work.Attempt]([progress]);

    public async Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        _says[work.Attempt] = progress;
        var step = work.Steps[0].Id.Value;
        Ran.Enqueue($"{step}/{work.Attempt}");
        return _scripts.TryGetValue(step, out var script) ? await script(work, cancellation) : Succeeded(work);
    }

    /// <summary>Ends by being stopped, and no other way.</summary>
    public static async Task Forever(CancellationToken stopped)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var heard = stopped.Register(() => stop.TrySetCanceled(stopped));
        await stop.Task;
    }

    /// <summary>A list of so many items.</summary>
    public static StageOutcome Listed(StageWork work, int items) => new StageOutcome.Listed(new DatasetVersion(
        new DatasetRef("test/each.list", work.Run.Value), "list", [], [], items, 0, "", []), 0);

    public static StageOutcome Succeeded(StageWork work) => new StageOutcome.Succeeded(
        [.. work.Steps.Select(step => new StepResult(step.Id, 1, 1, 0, [Out(work, step)], []))]);

    private static StepOutput Out(StageWork work, StepWork step) => new(
        "out",
        new DatasetVersion(
            new DatasetRef($"{work.Pipeline}/{step.Id}", work.Run.Value), $"{work.Run}/{step.Id}/{work.Attempt}/0/out", ["part.parquet"],
            [new Column("a", "INTEGER")], 1, 10, $"hash-{step.Id}", []),
        null, 1, 10);
}

/// <summary>The runner of one silo, which notes what ran there.</summary>
internal sealed class StageRunnerOnSilo(ScriptedRunner runner, ILocalSiloDetails silo) : IStageRunner
{
    public Task<StageOutcome> Run(StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        runner.Places[$"{work.Steps[0].Id}/{work.Attempt}"] = silo.SiloAddress;
        return runner.Run(work, progress, cancellation);
    }

    public Task<string?> ReuseKey(StageWork work, CancellationToken cancellation) => runner.ReuseKey(work, cancellation);

    public bool AreThere(ImmutableArray<StepResult> results) => runner.AreThere(results);
}
