using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Steps.Tests;

/// <summary>A step that runs another pipeline for each item, from its YAML to its dataset of items.</summary>
public sealed class ItemChildTests : IDisposable
{
    private const string InOrder = "SELECT \"key\", status, \"values\" ->> '$.n', run_id IS NOT NULL, fault_code FROM ({0}) ORDER BY \"index\"";

    private readonly Home _home = new();
    private readonly List<(string Params, RunId Run)> _started = [];

    public void Dispose() => _home.Dispose();

    /// <summary>Those with these parameters fail; the others give a number.</summary>
    private void OthersFailFor(params string[] fail) => _home.Others = (run, debt) =>
    {
        var child = run.ChildOf(debt.Stage, debt.Child)!;
        _started.Add((child.Params.ToJson(), debt.Child));
        var fault = fail.Contains(child.Params["day"]!.ToPlainText()) ? new Fault(FaultKind.Invalid, "ETL6832", "It failed.") : null;
        return new RunCommand.ChildEnded(
            new StepId("each"), debt.Child, fault,
            [new Field(AwaitFields.RunId, new SpecValue.Text(debt.Child.Value)), new Field("n", new SpecValue.Integer(_started.Count))]);
    };

    [Fact]
    public void Each_item_starts_a_run_with_fields_of_its_own_and_what_they_gave_is_one_dataset()
    {
        OthersFailFor();
        var ran = _home.Run("""
            pipeline: test
            params: { region: north }
            steps:
              - id: each
                kind: flow.pipeline
                for_each: { items: [a, b, c, d, e], concurrency: 2 }
                with: { pipeline: other, params: { day: "{{ item }}", region: "{{ params.region }}", place: "{{ item.index }}" } }
              - { id: ids, kind: transform.sql, depends_on: [each], with: { query: "SELECT \"key\", run_id FROM \"each.items\" ORDER BY \"index\"" } }
            """).Succeeded();
        Assert.Equal(["a|succeeded|1|true|∅", "b|succeeded|2|true|∅", "c|succeeded|3|true|∅", "d|succeeded|4|true|∅", "e|succeeded|5|true|∅"],
            ran.Rows("each", "items", InOrder));
        Assert.Equal("{\"day\":\"b\",\"region\":\"north\",\"place\":1}", _started[1].Params);
        Assert.Equal(_started.Select((one, i) => $"{"abcde"[i]}|{one.Run}"), ran.Rows("ids"));
        Assert.Equal(new ItemCounts(5, 5, 0, 0, 0, 0), ran["each"].Items);
        Assert.Equal("5", ran.Value("each", "items_succeeded"));
    }

    [Fact]
    public void Items_whose_runs_failed_are_told_and_start_others_when_they_run_again()
    {
        OthersFailFor("b", "d");
        var plan = Home.Plan("""
            pipeline: test
            steps:
              - id: each
                kind: flow.pipeline
                for_each: { items: [a, b, c, d], concurrency: 3, on_item_failure: continue }
                with: { pipeline: other, params: { day: "{{ item }}" } }
            """);
        var first = _home.Run(plan);
        Assert.Contains("2 of 4 items failed. The first, item 1: ETL6832", first.Fault("each").Message, StringComparison.Ordinal);
        Assert.Equal(["a|succeeded|1|true|∅", "b|failed|2|true|ETL6832", "c|succeeded|3|true|∅", "d|failed|4|true|ETL6832"], first.Rows("each", "items", InOrder));
        OthersFailFor();
        var second = _home.Run(plan, RerunPlan.Of(_home.Ended!, null, []).Command).Succeeded();
        Assert.Equal(["a|succeeded|1|true|∅", "b|succeeded|5|true|∅", "c|succeeded|3|true|∅", "d|succeeded|6|true|∅"], second.Rows("each", "items", InOrder));
        Assert.Equal(6, _started.Select(one => one.Run).Distinct().Count());
    }

    [Fact]
    public void A_failure_stops_what_goes_on_and_leaves_the_rest_and_what_cannot_be_filled_in_starts_nothing()
    {
        OthersFailFor();
        var ran = _home.Run("""
            pipeline: test
            steps:
              - id: each
                kind: flow.pipeline
                for_each: { items: [{ key: x, n: 1 }, { key: y, n: 0 }, { key: z, n: 3 }, { key: last, n: 4 }], concurrency: 2 }
                with: { pipeline: other, params: { day: "{{ 10 / item.n }}" } }
            """);
        Assert.Equal("ETL6201", ran.Fault("each").Code);
        Assert.Equal(["x|waiting|∅|true|ETL6832", "y|failed|∅|false|ETL2023", "z|waiting|∅|false|∅", "last|waiting|∅|false|∅"], ran.Rows("each", "items", InOrder));
    }

    [Fact]
    public void What_a_run_is_started_with_has_a_bound()
    {
        OthersFailFor();
        var ran = _home.Run($$$"""
            pipeline: test
            steps:
              - id: each
                kind: flow.pipeline
                for_each: { items: ["{{{new string('x', 20_000)}}}", small], on_item_failure: { tolerate: 1 } }
                with: { pipeline: other, params: { day: "{{ item }}" } }
            """).Succeeded();
        Assert.Equal(["failed|ETL6837", "succeeded|∅"], ran.Rows("each", "items", "SELECT status, fault_code FROM ({0}) ORDER BY \"index\""));
    }
}
