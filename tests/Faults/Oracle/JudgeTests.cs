using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>The judge finds each kind of breach in evidence that is wrong in that way alone. A judge that finds nothing proves nothing
/// before this.</summary>
public class JudgeTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddYears(55);
    private static readonly RunId One = RunId.New(At, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), Two = RunId.New(At, [2, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    private static readonly DatasetVersion Kept = new(
        new DatasetRef("kept", One.Value), "kept/1", ["a.parquet"], [new Column("id", "BIGINT")], Rows: 3, Bytes: 99, "hash", []);
    private static readonly StepId Made = new("made"), Put = new("put");
    private static readonly Fault Away = new(FaultKind.Unavailable, "ETL3801", "The database is away.");
    private static readonly Evidence Right = Truth();

    [Fact]
    public void Evidence_in_which_all_is_well_has_no_breach() => Assert.Empty(Judge.Of(Right));

    public static TheoryData<string, string> Breaches =>
    [
        .. new (string, string)[]
        {
            ("an effect is applied twice", "was written 2 times"), ("an effect is missing", "are missing"),
            ("a skipped step has an effect", "should not be there"), ("a run is lost", "is not stored"),
            ("a start was never answered", "no start was ever answered"), ("a run does not end", "has not ended"),
            ("a run ends otherwise", "ended otherwise"), ("one key gave two runs", "answered with several runs"),
            ("a start was stored twice", "several runs are stored"), ("a terminal state is taken back", "then as running"),
            ("an end is shown that is not stored", "and is stored as"), ("an event is lost", "its head says"),
            ("an event is stored twice", "a second time"), ("a stage ends twice", "had ended"), ("a late report is heard", "is current"),
            ("an event follows the end", "is not the last"),
            ("a start follows the start", "starts the run again"), ("the list lags behind", "it is listed as"),
            ("a step's row lags behind", "step put is listed as"), ("a step's row is missing", "is not listed"),
            ("a step is listed twice", "is listed 2 times"), ("an ended run has a driver", "still has the driver"),
            ("an output is not published", "not listed"), ("an output is half published", "not in its history"),
            ("an output has other content", "another content"), ("a dataset has no run", "which is not stored"),
            ("a call hangs", "its bound is"), ("a silo shows a stack trace", "stack trace"), ("a silo eats memory", "of memory"),
            ("a silo that was declared dead goes on", "to end"), ("a silo crashes by itself", "ended with code"),
        }.Select(b => new TheoryDataRow<string, string>(b.Item1, b.Item2)),
    ];

    [Theory, MemberData(nameof(Breaches))]
    public void Each_breach_is_found(string breach, string said) => Assert.Contains(Judge.Of(Wrong(breach)), b => b.Contains(said));

    private static Evidence Wrong(string breach) => breach switch
    {
        "an effect is applied twice" => Right with { Effects = Right.Effects.SetItem(0, Right.Effects[0] with { Times = 2 }) },
        "an effect is missing" => Right with { Effects = Right.Effects.RemoveAt(0) },
        "a skipped step has an effect" => Right with { Effects = Right.Effects.Add(new Effect("k1", "never", 0, 1)) },
        "a run is lost" => Right with { Chronicles = [], Datasets = [] },
        "a start was never answered" => Right with { Asked = [Right.Asked[0] with { Runs = [] }] },
        "a run does not end" => With(c => c with { Row = c.Row with { Status = RunStatus.Running, EndedAt = null } }),
        "a run ends otherwise" => With(c => c with { Steps = c.Steps.SetItem(0, c.Steps[0] with { RowsOut = 2 }) }),
        "one key gave two runs" => Right with { Asked = [Right.Asked[0] with { Runs = [One, Two] }] },
        "a start was stored twice" => Right with
        {
            Chronicles = Right.Chronicles.Add(Right.Chronicles[0] with { Row = Right.Chronicles[0].Row with { Id = Two } }),
        },
        "a terminal state is taken back" => Right with { Sightings = Right.Sightings.Add(Right.Sightings[0]) },
        "an end is shown that is not stored" => Right with
        {
            Sightings = [new Sighting(One, RunStatus.Failed, Right.Chronicles[0].Version, "ETL0001")],
        },
        "a dataset has no run" => Right with { Datasets = [Right.Datasets[0], Right.Datasets[0] with { Run = Two, Version = Two.Value }] },
        "a call hangs" => Right with { Calls = [new Call("view", TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1))] },
        "a silo shows a stack trace" => Alive(l => l with { Said = ["   at Some.Method()"] }),
        "a silo eats memory" => Alive(l => l with { PeakBytes = l.PeakBytesMax + 1 }),
        "a silo that was declared dead goes on" => Alive(l => l with
        {
            Ended = new LifeEnd(WasKilled: false, TookCalls: true, 0, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)),
        }),
        "a silo crashes by itself" => Alive(l => l with
        {
            Ended = new LifeEnd(WasKilled: false, TookCalls: true, 1, TimeSpan.Zero, TimeSpan.FromSeconds(10)),
        }),
        _ => WrongHistory(breach),
    };

    private static Evidence WrongHistory(string breach) => breach switch
    {
        "an event is lost" => With(c => c with { Events = c.Events.RemoveAt(c.Events.Length - 1) }),
        "an event is stored twice" => With(c => Told(c, c.Events.Insert(3, c.Events[2]))),
        "a stage ends twice" => With(c => Told(c, c.Events.Insert(5, c.Events[4]))),
        "a late report is heard" => With(c => Told(c, c.Events.Insert(2, Failed(new Attempt(7))))),
        "an event follows the end" => With(c => Told(c, c.Events.Add(new RunEvent.CancelRequested(At, "late")))),
        "a start follows the start" => With(c => Told(c, c.Events.Insert(1, c.Events[0]))),
        "the list lags behind" => With(c => c with { Row = c.Row with { Status = RunStatus.Failed } }),
        "a step's row lags behind" => With(c => c with { Steps = c.Steps.SetItem(1, c.Steps[1] with { Status = StepStatus.Running }) }),
        "a step's row is missing" => With(c => c with { Steps = c.Steps.RemoveAt(1) }),
        "a step is listed twice" => With(c => c with { Steps = c.Steps.Add(c.Steps[1]) }),
        "an ended run has a driver" => With(c => c with { Row = c.Row with { Driver = "S127.0.0.1:1:1" } }),
        "an output is not published" => With(c => c with { Datasets = [] }),
        "an output is half published" => With(c => c with { Datasets = c.Datasets.Add(c.Datasets[0] with { Name = "other" }) }),
        "an output has other content" => With(c => c with
        {
            Datasets = [c.Datasets[0] with { Manifest = EventCodec.Write(Kept with { ContentHash = "other" }) }],
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(breach), breach, null),
    };

    private static Evidence With(Func<Chronicle, Chronicle> change) => Right with { Chronicles = [change(Right.Chronicles[0])] };

    private static Evidence Alive(Func<Life, Life> change) => Right with { Lives = [change(Right.Lives[0])] };

    private static Chronicle Told(Chronicle chronicle, ImmutableArray<RunEvent> events) => chronicle with { Events = events, Version = events.Length };

    private static RunEvent.StageRetryScheduled Failed(Attempt attempt) => new(At, 0, attempt, Made, Away, At);

    /// <summary>Two steps, the first tried twice, which publish a dataset and put one row into the world.</summary>
    private static Evidence Truth()
    {
        var events = History();
        var view = events.Aggregate(Run.None, Run.Apply).View();
        var row = new RunRow(
            One, view.Pipeline, view.Definition, view.Status, view.StartedAt, view.EndedAt, view.Steps.Length, view.Steps.Length, null, null, null, null);
        var steps = view.Steps.Select((s, i) => new StepRow(
            One, s.Id, i, s.Kind, s.Status, s.Attempts, s.StartedAt, s.EndedAt, s.RowsIn, s.RowsOut, s.RowsRejected, s.Fault?.Code));
        var kept = new DatasetRow("kept", One.Value, One, Made, Kept.Rows, Kept.Bytes, At, EventCodec.Write(Kept));
        var chronicle = new Chronicle(row, [.. steps], events.Length, events, [kept]);
        return new Evidence(
            [new Asked("k1", [One], Ending.Of(chronicle, [new Effects("put", 1)]))],
            [new Sighting(One, RunStatus.Running, 3, null), new Sighting(One, RunStatus.Succeeded, events.Length, null)],
            [chronicle], [kept], [new Effect("k1", "put", 0, 1)],
            [new Call("view", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1))],
            [new Life("silo 0", ["ready"], PeakBytes: 1, PeakBytesMax: 2, new LifeEnd(WasKilled: true, TookCalls: true, 137, TimeSpan.Zero, TimeSpan.Zero))]);
    }

    private static ImmutableArray<RunEvent> History()
    {
        var spec = Pipeline.Named("two").Param("key", ValueType.Text)
            .From("made", Generate.Rows(3, new { id = new { generator = "sequence" } })).Materialized()
            .To("put", Parquet.Dataset("kept")).Build(StepCatalog.Specs);
        var plan = ((PlanResult.Checked)PlanCheck.Check(spec, StepCatalog.Specs)).Plan;
        return
        [
            new RunEvent.RunStarted(At, One, plan, [new Field("key", new SpecValue.Text("k1"))], "", null, null),
            new RunEvent.StageDispatched(At, 0, new Attempt(1)),
            Failed(new Attempt(1)),
            new RunEvent.StageDispatched(At, 0, new Attempt(2)),
            new RunEvent.StageSucceeded(At, 0, new Attempt(2), [new StepResult(Made, null, 3, 0, [new StepOutput("out", Kept, null, 3, 99)], [])]),
            new RunEvent.StageDispatched(At, 1, new Attempt(1)),
            new RunEvent.StageSucceeded(At, 1, new Attempt(1), [new StepResult(Put, 3, 3, 0, [], [])]),
            new RunEvent.RunEnded(At, RunStatus.Succeeded, null),
        ];
    }
}
