using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Faults.Tests.Oracle;
using OrleansEtl.Steps;

namespace OrleansEtl.Faults.Tests.Workload;

/// <summary>A kind of pipeline that is run again and again, each time under another key.</summary>
/// <param name="Effects">What a run of it does to the outside world.</param>
/// <param name="EndsAs">What an undisturbed run must end as, so that the yardstick itself is checked.</param>
internal sealed record Work(PipelineSpec Spec, RunStatus EndsAs, ImmutableArray<Effects> Effects)
{
    public string Name => Spec.Name;
}

/// <summary>The pipelines of the battle: small, of every shape, and such that chance changes how a run goes and never how it ends.</summary>
internal static class Works
{
    /// <summary>The database of the effects, as the silos know it.</summary>
    public const string Connection = "effects";

    /// <summary>A database that is away for a minute must not use up a step's retries: then a run would rightly fail.</summary>
    private static readonly RetrySpec Patient = new(
        Max: 100, TimeSpan.FromMilliseconds(200), Factor: 1.5, TimeSpan.FromSeconds(2), Jitter: 0.2);

    /// <summary>What runs without a database.</summary>
    public static ImmutableArray<Work> Plain { get; } = [Line(), Fan(), Published(), Refused()];

    /// <summary>What writes to a database, or waits for one.</summary>
    public static ImmutableArray<Work> Outside => [Appends(), Replaces(), Flaky(), Slow(), RefusedBeforeEffect(), Given()];

    public static ImmutableArray<Work> All => [.. Plain, .. Outside];

    private static PipelineBuilder Named(string name) => Pipeline.Named(name).Param("key", ValueType.Text);

    private static Work Done(PipelineBuilder pipeline, params Effects[] effects) => new(pipeline.Build(StepCatalog.Specs), RunStatus.Succeeded, [.. effects]);

    /// <summary>Five steps one after the other, each a dataset of its own.</summary>
    private static Work Line()
    {
        var pipeline = Named("line").From("s0", Rows(20));
        for (var i = 1; i < 5; i++) pipeline = pipeline.Then($"s{i}", Sql.Of($"SELECT id, id * {i + 1} AS n FROM s{i - 1}")).Materialized();
        return Done(pipeline);
    }

    /// <summary>One, then four at once, then one.</summary>
    private static Work Fan()
    {
        string[] parts = ["p0", "p1", "p2", "p3"];
        var pipeline = Named("fan").From("begin", Rows(40));
        for (var i = 0; i < parts.Length; i++)
            pipeline = pipeline.On("begin").Then(parts[i], Sql.Of($"SELECT id FROM begin WHERE id % {parts.Length} = {i}")).Materialized();
        return Done(pipeline.On(parts[0]).Then("end", Sql.Of(string.Join(" UNION ALL ", parts.Select(p => $"SELECT id FROM {p}")), parts[1..])));
    }

    private static Work Published() => Done(Named("published").From("made", Rows(30)).To("kept", Parquet.Dataset("faults/kept")));

    /// <summary>Fails for good, and says so: what depends on it is skipped.</summary>
    private static Work Refused() => new(
        Named("refused").From("made", Rows(5)).Expect("enough", Check.Rows(min: 10)).To("kept", Parquet.Dataset("faults/never"))
            .Build(StepCatalog.Specs),
        RunStatus.Failed, []);

    private static Work Appends() => Done(
        Named("appends").From("made", Rows(8)).Then("rows", Effect("put")).To("put", Append("appended")).Retry(Patient), new Effects("put", 8));

    private static Work Replaces() => Done(
        Named("replaces").From("made", Rows(6)).Then("rows", Effect("put"))
            .Step("put", "load.postgres", new
            {
                connection = Connection, table = "replaced", mode = "upsert", key = new[] { "key", "step", "item" },
            })
            .After("rows").Retry(Patient),
        new Effects("put", 6));

    /// <summary>Fails by chance and tries again, then does something that must not be done twice.</summary>
    private static Work Flaky() => Done(
        Named("flaky").Step("luck", "extract.sql", new { connection = Connection, query = "SELECT g AS id FROM luck(0.4) AS g" }).Retry(Patient)
            .Then("rows", Effect("put", "luck")).To("put", Append("appended")).Retry(Patient),
        new Effects("put", 3));

    /// <summary>Long enough to be hit while it runs.</summary>
    private static Work Slow() => Done(
        Named("slow")
            .Step("nap", "extract.sql", new { connection = Connection, query = "SELECT g AS id FROM generate_series(0, 3) AS g, pg_sleep(1)" })
            .Retry(Patient).Then("rows", Effect("put", "nap")).To("put", Append("appended")).Retry(Patient),
        new Effects("put", 4));

    private static Work RefusedBeforeEffect() => new(
        Named("refused-first").From("made", Rows(5)).Expect("enough", Check.Rows(min: 10)).Then("rows", Effect("put")).To("put", Append("appended")).Retry(Patient)
            .Build(StepCatalog.Specs),
        RunStatus.Failed, []);

    /// <summary>Would try again for ever; its people give it up.</summary>
    private static Work Given() => new(
        Named("given-up").Step("luck", "extract.sql", new { connection = Connection, query = "SELECT g AS id FROM luck(1) AS g" }).Retry(Patient)
            .Then("rows", Effect("put", "luck")).To("put", Append("appended")).Retry(Patient).Build(StepCatalog.Specs),
        RunStatus.Cancelled, []);

    private static Source Rows(long rows) => Generate.Rows(rows, new { id = new { generator = "sequence", start = 0 } });

    private static Transform Effect(string step, string from = "made") =>
        Sql.Of($"SELECT {{{{ params.key }}}} AS key, '{step}' AS step, id AS item FROM {from}");

    private static PostgresAppend Append(string table) => new(table);

    private sealed record PostgresAppend(string Table) : ISink
    {
        public string SinkKind => "load.postgres";
        public SpecValue.Map SinkFields => SpecValues.Fields(new { connection = Connection, table = Table, mode = "append" });
    }
}
