using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;
using OrleansEtl.Steps;

namespace OrleansEtl.Testing;

/// <summary>One attempt of one kind of step, with given fields and rows, as a silo would run it and without one. Nothing is left of it
/// but its result.</summary>
/// <example><code>
/// var ran = await KindTest.Of(Geocode.Kind).With(new { city = "name" }).Input("cities", ["name VARCHAR"], ["Paris"], ["Rome"]).Run();
/// Assert.Equal(2, ran.Rows("out").Length);
/// </code></example>
public sealed record KindTest
{
    private static readonly StepId Step = new("tested");

    private readonly StepKind _kind;

    private KindTest(StepKind kind) => _kind = kind;

    private SpecValue.Map Fields { get; init; } = SpecValue.Map.Empty;
    private ImmutableArray<(string Name, string[] Columns, object?[][] Rows)> Inputs { get; init; } = [];
    private TimeProvider Clock { get; init; } = new VirtualClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static KindTest Of(StepKind kind) => new(kind);

    /// <param name="fields">An object whose properties are the fields of <c>with</c>; or a dictionary.</param>
    public KindTest With(object fields) => this with { Fields = SpecValues.Fields(fields) };

    /// <param name="columns">Name and type: <c>id BIGINT</c>.</param>
    public KindTest Input(string name, string[] columns, params object?[][] rows) => this with { Inputs = Inputs.Add((name, columns, rows)) };

    /// <summary>The time that the step sees; unless said otherwise, the clock stands.</summary>
    public KindTest At(TimeProvider clock) => this with { Clock = clock };

    public async Task<KindResult> Run(CancellationToken cancellation = default)
    {
        var folder = Directory.CreateTempSubdirectory("etl-kind-").FullName;
        try
        {
            using var engine = new DuckEngine(new DuckOptions(Path.Combine(folder, "spill"), [folder]) { MemoryBytes = 256 << 20, Threads = 1 });
            return await Run(engine, folder, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<KindResult> Run(DuckEngine engine, string folder, CancellationToken cancellation)
    {
        var (store, run) = (new DatasetStore(Path.Combine(folder, "datasets")), RunId.New(Clock.GetUtcNow(), new byte[10]));
        var logs = new LogStore(Path.Combine(folder, "logs"), new LogBounds(), Clock);
        ImmutableArray<InputBinding> bound;
        using (var session = await engine.Rent(cancellation))
            bound = [.. Inputs.Select(input => new InputBinding(input.Name, Written(store, session, run, input)))];
        var runner = new StageRunner(
            engine, store, logs, at => new PathRules(at, folder, []), NamedConnections.None, AllowedPrograms.None, new StepOptions(), Clock,
            StepKinds.With([_kind]));
        var work = new StageWork(run, "test", 0, new Attempt(1), [new StepWork(Step, _kind.Name, Fields, bound, true)], folder, null);
        var outcome = await runner.Run(work, _ => { }, cancellation);
        var rows = new Dictionary<string, ImmutableArray<object?[]>>();
        if (outcome is StageOutcome.Succeeded succeeded)
            using (var session = await engine.Rent(cancellation))
                foreach (var output in succeeded.Results[0].Outputs)
                    if (output.Dataset is { } version) rows[output.Port] = Read(session, store.Select(version));
        return new KindResult(outcome, rows, logs.Read(new LogFilter(run), null, hasEnded: true).Lines);
    }

    private static DatasetVersion Written(
        DatasetStore store, DuckSession session, RunId run, (string Name, string[] Columns, object?[][] Rows) input)
    {
        ImmutableArray<Column> columns = [.. input.Columns.Select(column => column.Split(' ', 2)).Select(parts => new Column(parts[0], parts[1]))];
        var staging = store.Stage(StagingKey.Of(run.Value, input.Name, "1"));
        using var table = new RowFile(staging.NewFile("rows"), columns);
        foreach (var row in input.Rows) table.Add(row);
        table.Dispose();
        staging.Write(session, "out", table.Select());
        return staging.Seal(session, "out", new DatasetRef($"test/{input.Name}", run.Value), []);
    }

    private static ImmutableArray<object?[]> Read(DuckSession session, string select)
    {
        using var rows = session.Query(select);
        var all = ImmutableArray.CreateBuilder<object?[]>();
        while (rows.Read()) all.Add(rows.Values());
        return all.ToImmutable();
    }
}

/// <summary>What became of the attempt.</summary>
/// <param name="Log">What it said, and what was said of it.</param>
public sealed record KindResult(StageOutcome Outcome, IReadOnlyDictionary<string, ImmutableArray<object?[]>> Ports, ImmutableArray<LogLine> Log)
{
    /// <summary>Why it failed; null: it did not.</summary>
    public Fault? Fault => (Outcome as StageOutcome.Failed)?.Fault;

    public ImmutableArray<object?[]> Rows(string port) => Fault is { } fault
        ? throw new InvalidOperationException($"The step failed: {fault}")
        : Ports[port];

    public SpecValue? Value(string name) =>
        (Outcome as StageOutcome.Succeeded)?.Results[0].Values.FirstOrDefault(value => value.Name == name)?.Value;
}
