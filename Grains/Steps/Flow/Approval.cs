using static OrleansEtl.Steps.Fields;

namespace OrleansEtl.Steps.Flow;

internal static class Approval
{
    private static readonly WithField Message = Text(AwaitFields.Message, "What approval is asked for.");
    private static readonly WithField Approvers =
        Texts(AwaitFields.Approvers, "Who should answer, for people to read: anybody who reaches the run may.").Optional();
    private static readonly WithField Timeout = FlowTypes.Timeout("How long it waits at most; for ever when it is not given.");
    private static readonly WithField OnTimeout =
        Choice(AwaitFields.OnTimeout, "What becomes of the step when its time is over.", AwaitFields.Reject, AwaitFields.Approve, AwaitFields.Fail)
        .Default(AwaitFields.Fail);

    public static readonly StepKind Kind =
        StepKind.Flow("flow.approval", "Waits, durably, until somebody approves or rejects.")
        .Describe("It needs no slot, no thread and no heartbeat, and waits through crashes and moves. `etl approve RUN STEP` and `etl reject RUN STEP` "
            + "answer it; the step succeeds either way, and later steps ask for `steps.ID.values.approved`. The first answer holds; the same again changes "
            + "nothing, another one is refused. While the run is paused it waits on, and its time passes.")
        .Takes(Message, Approvers, Timeout, OnTimeout)
        .Gives(AwaitFields.Approved, ValueType.Flag, "Whether it was approved.")
        .Gives(AwaitFields.By, ValueType.Text, "Who answered, as they call themselves.")
        .Gives(AwaitFields.Comment, ValueType.Text, "What they said to it.")
        .Gives(AwaitFields.DecidedByTimeout, ValueType.Flag, "Whether nobody answered in time.")
        .Example("Publish only what somebody has seen", """
            pipeline: month_end
            steps:
              - id: figures
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: ok
                kind: flow.approval
                depends_on: [figures]
                with: {message: "{{ steps.figures.values.rows_out }} rows are to be published", timeout: 2s, on_timeout: reject}
              - id: publish
                kind: load.parquet
                depends_on: [figures, ok]
                when: "{{ steps.ok.values.approved }}"
                with: {path: figures.parquet}
            """)
        .Awaits(AwaitKind.Approval);
}
