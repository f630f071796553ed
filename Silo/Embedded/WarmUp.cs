using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;

namespace OrleansEtl.Silo.Embedded;

/// <summary>What a process that will soon drive a run can prepare while it still reads the pipeline's file. It changes nothing but when
/// the work is done: the journal's codec is compiled at its first use, which takes a tenth of a second.</summary>
public static class WarmUp
{
    public static void Journal()
    {
        var (at, step) = (DateTimeOffset.UnixEpoch, new StepId("a"));
        var spec = new PipelineSpec("a", null, [], []);
        var dataset = new DatasetVersion(new DatasetRef("a", "b"), "", ["a"], [new Column("a", "b")], 0, 0, "", []);
        var result = new StepResult(
            step, 0, 0, 0, [new StepOutput("out", dataset, null, 0, 0)], [new Field("a", new SpecValue.Integer(0))]);
        EventCodec.Write(new RunEvent.RunStarted(at, RunId.New(at, new byte[10]), new Plan(spec, [], []), [], "/", null, null));
        EventCodec.Write(new RunEvent.StageDispatched(at, 0, new Attempt(1)));
        EventCodec.Write(new RunEvent.StageSucceeded(at, 0, new Attempt(1), [result]));
        EventCodec.Write(new RunEvent.RunEnded(at, RunStatus.Succeeded, null));
        EventCodec.Write(dataset);
    }
}
