using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>What durability costs: decisions of the engine by themselves, appends of the embedded store by themselves.</summary>
internal static class Engine
{
    private const int Steps = 1_000;
    private const int Rounds = 5;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(3);

    private static readonly KindCatalog Kinds = new([
        new KindSpec("extract.nothing", StepCategory.Extract, "", "", InputArity.None, Fusing.Alone, [], [new PortSpec("out", "")], [], [], []),
    ]);

    public static async Task Measure()
    {
        Decisions(Stretch / 3);
        Figure.Print("engine", "decide", "decisions_per_second", Figure.Median(Repeat(() => Decisions(Stretch / 3))), "1/s");
        foreach (var writers in new[] { 1, 100, 1_000 })
        {
            var rates = new List<double>();
            for (var i = 0; i < Rounds; i++) rates.Add(await Appends(writers));
            Figure.Print("engine", $"{writers}_writers", "appends_per_second", Figure.Median(rates), "1/s");
        }
    }

    private static IEnumerable<double> Repeat(Func<double> measure) => [.. Enumerable.Range(0, Rounds).Select(_ => measure())];

    /// <summary>A run of a thousand steps that end one after another, again and again: each report is decided and applied, and what
    /// it owes is asked for.</summary>
    private static double Decisions(TimeSpan stretch)
    {
        var spec = new PipelineSpec("wide", null, [], [.. Enumerable.Range(0, Steps).Select(i =>
            new StepSpec(new StepId($"step{i}"), "extract.nothing", [], SpecValue.Map.Empty))]);
        var plan = PlanCheck.Check(spec, Kinds) is PlanResult.Checked { Plan: var good } ? good : throw new UnreachableException();
        var at = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
        var start = new RunCommand.Start(spec, [], "/", null, null);
        var (count, watch) = (0L, Stopwatch.StartNew());
        while (watch.Elapsed < stretch)
        {
            var run = Step(Run.None, Run.Begin(Run.None, RunId.New(at, new byte[10]), plan, start, at));
            count++;
            while (!run.Status.IsTerminal())
            {
                foreach (var debt in Run.Owed(run).OfType<Debt.Dispatch>())
                {
                    var step = plan.Steps[plan.Stages[debt.Stage].Steps[0]].Spec.Id;
                    var outcome = new StageOutcome.Succeeded([new StepResult(step, 1, 1, 0, [], [])]);
                    run = Step(run, Run.Decide(run, new RunCommand.Report(debt.Stage, debt.Attempt, outcome), at));
                    count++;
                }
            }
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    private static Run Step(Run run, Decision decision)
    {
        var events = ((Decision.Accepted)decision).Events;
        foreach (var happened in events) run = Run.Apply(run, happened);
        _ = Run.Owed(run, events);
        return run;
    }

    /// <summary>Writers with a run each, which append one event, wait until it is durable, and append the next.</summary>
    private static async Task<double> Appends(int writers)
    {
        var folder = Path.Combine(Etl.Folder, "journal");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        await using var store = EmbeddedStore.Open(Path.Combine(folder, "store.db"), TimeProvider.System);
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => Append(store.Journal, watch))));
        var rate = counts.Sum() / watch.Elapsed.TotalSeconds;
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        return rate;
    }

    private static async Task<long> Append(IRunJournal journal, Stopwatch watch)
    {
        var now = TimeProvider.System.GetUtcNow();
        var run = RunId.New(now, RandomNumberGenerator.GetBytes(10));
        var payload = RandomNumberGenerator.GetBytes(300);
        var row = new RunRow(run, "bench", "0123456789abcdef", RunStatus.Running, now, null, 10, 0, null, null, null, null);
        for (var version = 0L; ; version++)
        {
            if (watch.Elapsed > Stretch) return version;
            var append = new RunAppend(Guid.NewGuid(), run, version, [payload], null, row, [], [], null);
            if (await journal.Append(append, CancellationToken.None) is not AppendOutcome.Stored) throw new UnreachableException();
        }
    }
}
