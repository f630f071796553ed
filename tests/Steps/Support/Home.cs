using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;
using OrleansEtl.Definitions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Steps.Tests;

/// <summary>A folder for one test, with an engine, a dataset store, and pipelines that run as they do in earnest: read,
/// planned, dispatched.</summary>
public sealed class Home : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private int _runs;

    // One engine serves all tests that ask for nothing special: opening one takes longer than most tests.
    private static readonly Lazy<(string Root, DuckEngine Engine)> Shared = new(() =>
    {
        var root = Directory.CreateTempSubdirectory("etl-steps-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(root, recursive: true);
        return (root, Open(root, 512L << 20));
    });

    private readonly bool _ownsEngine;

    public Home() : this(NamedConnections.None)
    {
    }

    /// <summary>Where these programs may be run, in folders of its own.</summary>
    public Home(AllowedPrograms programs)
        : this(Directory.CreateTempSubdirectory("etl-steps-").FullName, NamedConnections.None, programs, 256L << 20) => _ownsEngine = true;

    public Home(IConnections connections) : this(
        Directory.CreateDirectory(Path.Combine(Shared.Value.Root, Guid.NewGuid().ToString("n"))).FullName,
        Shared.Value.Engine, connections, AllowedPrograms.None)
    {
    }

    public Home(long memoryBytes, long spillBytes = 8L << 30)
        : this(NamedConnections.None, memoryBytes, spillBytes)
    {
    }

    public Home(IConnections connections, long memoryBytes, long spillBytes = 8L << 30)
        : this(Directory.CreateTempSubdirectory("etl-steps-").FullName, connections, AllowedPrograms.None, memoryBytes, spillBytes) =>
        _ownsEngine = true;

    private Home(string root, IConnections connections, AllowedPrograms programs, long memoryBytes, long spillBytes = 8L << 30)
        : this(root, Open(root, memoryBytes, spillBytes), connections, programs)
    {
    }

    private Home(string root, DuckEngine engine, IConnections connections, AllowedPrograms programs)
    {
        (Root, Engine) = (root, engine);
        Folder = Directory.CreateDirectory(Path.Combine(Root, "pipeline")).FullName;
        Cache = Directory.CreateDirectory(Path.Combine(Root, "cache")).FullName;
        Store = new DatasetStore(Path.Combine(Root, "store"));
        Logs = new LogStore(Path.Combine(Root, "logs"), new LogBounds(), TimeProvider.System);
        Runner = new StageRunner(Engine, Store, Logs, folder =>
            new PathRules(folder, Cache, []), connections, programs, new StepOptions(), TimeProvider.System, StepKinds.BuiltIn);
    }

    private static DuckEngine Open(string root, long memoryBytes, long spillBytes = 8L << 30) =>
        new(new DuckOptions(Path.Combine(root, "spill"), [root]) { MemoryBytes = memoryBytes, SpillBytesMax =
        spillBytes, Threads = 2 });

    public string Root { get; }
    public string Folder { get; }
    public string Cache { get; }
    public DatasetStore Store { get; }
    public LogStore Logs { get; }
    public DuckEngine Engine { get; }
    public StageRunner Runner { get; }

    public string At(string relative) => Path.Combine(Folder, relative);

    public string Write(string relative, string text) => Write(relative, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string relative, byte[] bytes)
    {
        var path = At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public DuckSession Session() => Engine.Rent(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public static Plan Plan(string yaml)
    {
        var read = PipelineYaml.Read(yaml, "test.yaml", StepCatalog.Specs);
        Assert.True(read.Spec is not null, string.Join("\n", read.Diagnostics));
        var result = PlanCheck.Check(read.Spec, StepCatalog.Specs);
        if (result is PlanResult.Faulty faulty) Assert.Fail(
            string.Join("\n", faulty.Faults.Select(fault => fault + " at " + fault.Path)));
        return ((PlanResult.Checked)result).Plan;
    }

    /// <summary>Runs a pipeline to its end, each stage once.</summary>
    public Ran Run(string yaml) => Run(Plan(yaml));

    /// <summary>The last run, as it ended.</summary>
    public Run? Ended { get; private set; }

    public Ran Run(Plan plan, RunCommand.Start? start = null)
    {
        var id = RunId.New(Noon.AddSeconds(_runs++), new byte[10]);
        var decision = Begin(plan, id, start);
        var run = decision.Events.Aggregate(OrleansEtl.Engine.Runs.Run.None, OrleansEtl.Engine.Runs.Run.Apply);
        while (!run.Status.IsTerminal())
        {
            var owed = OrleansEtl.Engine.Runs.Run.Owed(run);
            if (owed.OfType<Debt.StartChild>().FirstOrDefault() is { } child)
            {
                run = ((Decision.Accepted)OrleansEtl.Engine.Runs.Run.Decide(run, Others(run, child), Noon)).Events
                    .Aggregate(run, OrleansEtl.Engine.Runs.Run.Apply);
                continue;
            }
            if (owed.OfType<Debt.StopChild>().FirstOrDefault() is { } stopped)
            {
                run = ((Decision.Accepted)OrleansEtl.Engine.Runs.Run.Decide(run, Stopped(run, stopped), Noon)).Events
                    .Aggregate(run, OrleansEtl.Engine.Runs.Run.Apply);
                continue;
            }
            if (owed.OfType<Debt.Dispatch>().FirstOrDefault() is not { } debt)
            {
                var wake = owed.OfType<Debt.Wake>().Single().At; // nobody signals or approves: the time passes
                run = ((Decision.Accepted)OrleansEtl.Engine.Runs.Run.Decide(run, new RunCommand.Elapse(), wake)).Events
                    .Aggregate(run, OrleansEtl.Engine.Runs.Run.Apply);
                continue;
            }
            var work = run.Work(debt.Stage, debt.Attempt) with { Folder = Folder };
            var outcome = Runner.Run(work, _ => { }, CancellationToken.None).GetAwaiter().GetResult();
            var report = new RunCommand.Report(debt.Stage, debt.Attempt, outcome);
            var decided = OrleansEtl.Engine.Runs.Run.Decide(run, report, Noon);
            var events = decided is Decision.Accepted accepted ? accepted.Events
                : throw new InvalidOperationException(string.Join("\n", ((Decision.Refused)decided).Faults));
            run = events.Aggregate(run, OrleansEtl.Engine.Runs.Run.Apply);
        }

        Ended = run;
        return new Ran(this, run.View());
    }

    /// <summary>How runs of other pipelines end.</summary>
    public Func<Run, Debt.StartChild, RunCommand.ChildEnded> Others { get; set; } = Other;

    /// <summary>The run of another pipeline, which loaded ten rows.</summary>
    private static RunCommand.ChildEnded Other(Run run, Debt.StartChild child) => new(
        run.Plan!.Steps[run.Plan.Stages[child.Stage].Steps[0]].Spec.Id, child.Child, null,
        [new Field(AwaitFields.Steps, new SpecValue.Map([new Field("loaded", new SpecValue.Map([new Field("rows_out", new SpecValue.Integer(10))]))]))]);

    private static RunCommand.ChildEnded Stopped(Run run, Debt.StopChild child) => new(
        run.Plan!.Steps[run.Plan.Stages[child.Stage].Steps[0]].Spec.Id, child.Child, new Fault(FaultKind.Cancelled, "ETL6832", "It was cancelled."),
        [new Field(AwaitFields.RunId, new SpecValue.Text(child.Child.Value))]);

    private static Decision.Accepted Begin(Plan plan, RunId id, RunCommand.Start? start) => (Decision.Accepted)OrleansEtl.Engine.Runs.Run.Begin(
        OrleansEtl.Engine.Runs.Run.None, id, plan, start ?? new RunCommand.Start(plan.Spec, Params(plan), "/unused", null, null), Noon);

    private static ImmutableArray<Field> Params(Plan plan) =>
        ((ParamsResult.Complete)RunParams.Resolve(plan.Spec, [])).Params;

    public void Dispose()
    {
        if (_ownsEngine) Engine.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

/// <summary>A run that has ended.</summary>
public sealed class Ran(Home home, RunView view)
{
    public RunView View => view;

    public StepView this[string step] => view.Steps.Single(one => one.Id.Value == step);

    public Ran Succeeded()
    {
        Assert.True(view.Status == RunStatus.Succeeded,
            string.Join("\n", view.Steps.Select(step => $"{step.Id} {step.Status}: {step.Fault}")));
        return this;
    }

    public Fault Fault(string step) =>
        this[step].Fault ?? throw new InvalidOperationException($"{step} is {this[step].Status}");

    public DatasetVersion Dataset(string step, string port = "out") =>
        this[step].Outputs.Single(output => output.Port == port && output.Dataset is not null).Dataset!;

    /// <summary>Rows of a step's dataset as text, values separated by <c>|</c>, sorted unless an order is
    /// given.</summary>
    public string[] Rows(string step, string port = "out", string? select = null)
    {
        using var session = home.Session();
        using var rows = session.Query(string.Format(
            System.Globalization.CultureInfo.InvariantCulture, select ?? "SELECT * FROM ({0})",
            home.Store.Select(Dataset(step, port))));
        var lines = new List<string>();
        while (rows.Read()) lines.Add(string.Join("|", rows.Columns.Select((_, i) => rows.Text(i) ?? "∅")));
        if (select is null) lines.Sort(StringComparer.Ordinal);
        return [.. lines];
    }

    public string Value(string step, string name) =>
        this[step].Values.Single(value => value.Name == name).Value.ToPlainText();
}
