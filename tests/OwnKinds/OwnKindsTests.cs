using System.Reflection;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;
using OrleansEtl.Testing;
using OwnKinds;

namespace OrleansEtl.OwnKinds.Tests;

/// <summary>What becomes of a kind that a host adds.</summary>
public sealed class OwnKindsTests
{
    private static readonly StepKinds Kinds = StepKinds.With([Sessions.Kind]);

    private static readonly string Sample = Path.Combine(
        typeof(OwnKindsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "RepoRoot").Value!, "samples/own-kinds");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void It_is_validated_described_and_part_of_the_schema()
    {
        var file = Path.Combine(Sample, "pipeline.yaml");
        Assert.Empty(PipelineFile.Check(file, Kinds.Specs).Diagnostics);
        Assert.NotEmpty(PipelineFile.Check(file, StepCatalog.Specs).Diagnostics);
        Assert.Contains("The pause after which", KindPage.Render(Kinds.Specs.Find("web.sessions")!));
        Assert.Contains("web.sessions", PipelineSchema.Render(Kinds.Specs));
    }

    [Fact]
    public async Task It_runs_in_an_embedded_host()
    {
        var home = Directory.CreateTempSubdirectory("etl-own-").FullName;
        try
        {
            File.Copy(Path.Combine(Sample, "clicks.csv"), Path.Combine(home, "clicks.csv"));
            var spec = PipelineFile.Check(Path.Combine(Sample, "pipeline.yaml"), Kinds.Specs).Spec!;
            await using (var etl = EmbeddedEtl.Open(
                new EmbeddedOptions(home) { MemoryBytes = 256 << 20, Threads = 1, Kinds = Kinds }, TimeProvider.System))
            {
                var first = new StartRequest(spec, [], home, OnConflict: OnConflict.Reject); // which is planned before others are looked at
                var run = Assert.IsType<Begun.Run>(await etl.Start(first, Stop)).Id;
                RunView? last = null;
                await foreach (var view in etl.Watch(run, Stop)) last = view;
                Assert.True(last!.Status == RunStatus.Succeeded, last.Fault?.ToString());
                Assert.Equal((5L, 3L), (last.Steps[1].RowsIn, last.Steps[1].RowsOut));
            }
            Assert.Equal(4, File.ReadAllLines(Path.Combine(home, "out/sessions.csv")).Length);
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static StepKind Code(Action<CodeCall> run) => StepKind.Code("test.code", "Does what the test says.").Port("out", "Rows.").Runs(run);

    private static async Task<Fault> Fails(Action<CodeCall> run) => (await KindTest.Of(Code(run)).Run(Stop)).Fault!;

    [Fact]
    public async Task What_code_throws_is_a_fault_and_is_in_the_log()
    {
        var ran = await KindTest.Of(Code(_ => throw new InvalidOperationException("no luck"))).Run(Stop);
        Assert.Equal(("ETL6603", FaultKind.Invalid), (ran.Fault!.Code, ran.Fault.Kind));
        Assert.Contains("InvalidOperationException: no luck", ran.Fault.Message);
        Assert.Contains(ran.Log, line => line.Level == LineLevel.Error && line.Message.Contains("no luck"));
        Assert.True((await Fails(_ => throw new HttpRequestException("away"))).IsTransient);
        Assert.Equal("X1", (await Fails(_ => throw new FaultException(new Fault(FaultKind.Denied, "X1", "of its own")))).Code);
        Assert.Equal("ETL6603", (await Fails(_ => { })).Code);
        Assert.Equal("ETL6603", (await Fails(step =>
        {
            step.Write("out", new Column("a", "INTEGER"));
            step.Give("much", new SpecValue.Text(new string('x', 1 << 20)));
        })).Code);
        Assert.NotNull(await Fails(step => step.Write("other", new Column("a", "INTEGER"))));
        Assert.NotNull(await Fails(step => step.Write("out", new Column("a", "INTEGER")).Add(1, 2)));
        Assert.NotNull(await Fails(step => step.Write("out", new Column("a", "INTEGER")).Add("no number")));
    }

    [Fact]
    public async Task Sql_of_users_reads_the_inputs_of_its_step_and_nothing_else()
    {
        var query = Fields.Query("query", "One SELECT.");
        var kind = StepKind.Code("test.sql", "Runs it.").Takes(query).Port("out", "Rows.").Runs(step =>
        {
            var rows = step.Write("out", new Column("n", "BIGINT"));
            foreach (var row in step.Query(step.Get(query))) rows.Add(row.Integer("n"));
        });
        var test = KindTest.Of(kind).Input("a", ["n BIGINT"], [1L], [2L]);
        Assert.Equal([2L], Assert.Single((await test.With(new { query = "SELECT max(n) AS n FROM a" }).Run(Stop)).Rows("out")));
        Assert.NotNull((await test.With(new { query = "SELECT count(*) AS n FROM read_text('/etc/passwd')" }).Run(Stop)).Fault);
        Assert.NotNull((await test.With(new { query = "SELECT n FROM b" }).Run(Stop)).Fault);
        Assert.Contains("'m'", (await KindTest.Of(Code(step => step.Input.Sql("m"))).Input("a", ["n BIGINT"], [1L]).Run(Stop)).Fault!.Message);
    }

    [Fact]
    public async Task Values_keep_their_types()
    {
        object?[] row = [1L, "ü\n\"", 0.1, 12345678901234567890.123456789m, true, new DateTime(2026, 2, 28, 23, 59, 59), new DateOnly(2026, 1, 1), null];
        var ran = await KindTest.Of(Code(step => step.Write("out", new("a", "BIGINT"), new("b", "VARCHAR"), new("c", "DOUBLE"),
            new("d", "DECIMAL(38,9)"), new("e", "BOOLEAN"), new("f", "TIMESTAMP"), new("g", "DATE"), new("h", "INTEGER")).Add(row))).Run(Stop);
        Assert.Equal(row.Select(value => $"{value}"), Assert.Single(ran.Rows("out")).Select(value => $"{value}"));
    }

    [Fact]
    public async Task Code_that_is_asked_to_stop_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var ran = await KindTest.Of(Code(step =>
        {
            stop.Cancel();
            step.Cancellation.WaitHandle.WaitOne();
            throw new InvalidOperationException("on its way out");
        })).Run(stop.Token);
        Assert.IsType<StageOutcome.Stopped>(ran.Outcome);
    }

    [Fact]
    public void What_it_gave_is_never_used_again_since_nobody_can_name_the_code_that_it_calls() => Assert.False(
        StepKinds.With([StepKind.Transform("shop.double", "Doubles").Shapes(_ => throw new NotSupportedException())]).Specs.Find("shop.double")!.IsPure);

    [Theory]
    [InlineData("extract.csv")]
    [InlineData("extract_csv")]
    [InlineData("nodot")]
    [InlineData("Shop.geo")]
    [InlineData("a.b.c")]
    public void A_name_that_is_taken_or_none_is_refused(string name) => Assert.Equal("ETL6604",
        Assert.Throws<FaultException>(() => StepKinds.With([StepKind.Code(name, "x").Runs(_ => { })])).Fault.Code);
}
