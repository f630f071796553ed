using static OrleansEtl.Steps.Fields;

namespace OrleansEtl.Steps.Flow;

internal static class AwaitSignal
{
    private static readonly WithField<string> Name =
        Text(AwaitFields.Name, "The signal's name: a letter, then at most 62 letters, digits, `_`, `-` and `.`.");
    private static readonly WithField Values = Of(
        AwaitFields.Values, new FieldType.Map(new FieldType.Choice(FlowTypes.All)),
        "What the signal brings, name by name, with its type; the step's values. Others may come with it and cannot be used.", placed => placed.Value)
        .Optional();
    private static readonly WithField Timeout = FlowTypes.Timeout("How long it waits at most; for ever when it is not given.");
    private static readonly WithField OnTimeout =
        Choice(AwaitFields.OnTimeout, "What becomes of the step when its time is over.", AwaitFields.Fail, AwaitFields.Succeed)
        .Default(AwaitFields.Fail);
    private static readonly WithField Otherwise = Of(
        AwaitFields.Default, new FieldType.Map(new FieldType.Scalar()), "The step's values when it succeeds by its timeout.", placed => placed.Value)
        .Optional();

    public static readonly StepKind Kind =
        StepKind.Flow("flow.signal", "Waits, durably, until somebody sends a signal.")
        .Describe("It needs no slot, no thread and no heartbeat, and waits through crashes and moves. `etl signal RUN NAME --data '{…}'` sends one; "
            + "what it brings (up to 64 KB) becomes the step's values. A signal that comes before its step waits is kept (100 of a run and 1 MiB), "
            + "one with the same `--key` counts once, and each is taken by one step. While the run is paused it waits on, and its time passes.")
        .Takes(Name, Values, Timeout, OnTimeout, Otherwise)
        .Declares(AwaitFields.Values)
        .Example("Go on when the files are there, or after two seconds without them", """
            pipeline: after_upload
            steps:
              - id: uploaded
                kind: flow.signal
                with: {name: uploaded, values: {files: integer}, timeout: 2s, on_timeout: succeed, default: {files: 0}}
              - id: orders
                kind: extract.generate
                depends_on: [uploaded]
                when: "{{ steps.uploaded.values.files > 0 }}"
                with: {rows: 10, columns: {id: {generator: sequence}}}
            """)
        .Awaits(AwaitKind.Signal);
}
