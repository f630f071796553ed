using static OrleansEtl.Steps.Fields;

namespace OrleansEtl.Steps.Flow;

internal static class RunOther
{
    private static readonly WithField<string> Pipeline = Text(AwaitFields.Pipeline, "The name of a registered pipeline.");
    private static readonly WithField Version = Of(
        AwaitFields.Version, new FieldType.Integer(1), "Its version; the one that is active when it starts, when it is not given.", placed => placed.Value)
        .Optional();
    private static readonly WithField Params = Of(
        AwaitFields.Params, new FieldType.Map(new FieldType.OneOf([new FieldType.Scalar(), new FieldType.List(new FieldType.Scalar())])),
        "Its parameters.", placed => placed.Value).Optional();
    private static readonly WithField OnParentEnd =
        Choice(AwaitFields.OnParentEnd, "What becomes of it when the run that started it is stopped.", AwaitFields.Cancel, AwaitFields.Abandon)
        .Default(AwaitFields.Cancel);

    public static readonly StepKind Kind =
        StepKind.Flow("flow.pipeline", "Runs another pipeline and waits, durably, for its end.")
        .Describe("The run that it starts is one like others, with steps, limits and retries of its own; `etl runs show` of each names the other. While it "
            + "goes on, the step needs no slot, no thread and no heartbeat. Whatever dies, it is one run: its id is written down before it is started. "
            + "It has the priority of this run and answers for the same time. When it fails or is cancelled, the step fails; there is no `retry`, since its "
            + "steps have theirs, and `etl rerun` of this run starts another one. A rerun uses one that succeeded again. When this run is cancelled or its "
            + "time is up, it is cancelled first, unless `on_parent_end: abandon`; `timeout` is that of the whole other run. A pause is not handed on. Up "
            + "to 8 pipelines may run each other. With `for_each` each item has a run of its own, as many at once as `concurrency` says; what became of them, "
            + "with their `run_id`, is the dataset `STEP.items`. An item whose run fails or is cancelled has failed, and when that fails the step, the runs of "
            + "the others are cancelled (those with `on_parent_end: abandon` are waited for).")
        .Takes(Pipeline, Version, Params, OnParentEnd)
        .Gives(AwaitFields.RunId, ValueType.Text, "The run that was started.")
        .Gives(AwaitFields.Steps, ValueType.Map, "Its steps by their ids, each with `status`, `rows_out` and so on, and its values.")
        .Example("Load the orders, then tell how many there were", """
            pipeline: nightly
            steps:
              - id: orders
                kind: flow.pipeline
                with: {pipeline: daily_orders, params: {rows: 10}}
              - id: many
                kind: extract.generate
                depends_on: [orders]
                when: "{{ steps.orders.values.steps.loaded.rows_out > 5 }}"
                with: {rows: 1, columns: {id: {generator: sequence}}}
            """)
        .Example("Load each branch by a run of its own", """
            pipeline: all_branches
            steps:
              - id: branches
                kind: flow.pipeline
                for_each: {items: [berlin, bonn, ulm], concurrency: 2, on_item_failure: continue}
                with: {pipeline: daily_orders, params: {branch: "{{ item }}"}}
              - id: failed
                kind: transform.sql
                depends_on: [branches]
                when: always
                with: {query: "SELECT key, run_id, fault FROM \"branches.items\" WHERE status = 'failed'"}
            """)
        .Awaits(AwaitKind.Run);
}
