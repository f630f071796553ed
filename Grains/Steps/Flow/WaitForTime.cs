using static OrleansEtl.Steps.Fields;

namespace OrleansEtl.Steps.Flow;

internal static class WaitForTime
{
    private static readonly WithField Lasting = FlowTypes.Duration(AwaitFields.For, "How long.");
    private static readonly WithField Until =
        Text(AwaitFields.Until, "A timestamp such as 2026-01-31T09:00:00Z; without a zone it is UTC. Instead of `for`.").Optional();

    public static readonly StepKind Kind =
        StepKind.Flow("flow.wait", "Waits, durably, for a while or until a time.")
        .Describe("It needs no slot, no thread and no heartbeat, and waits through crashes and moves: the time when it ends is written down when it begins.")
        .Takes(Lasting, Until)
        .Example("Leave a source two seconds to settle", """
            pipeline: settled
            steps:
              - id: settle
                kind: flow.wait
                with: {for: 2s}
              - id: orders
                kind: extract.generate
                depends_on: [settle]
                with: {rows: 10, columns: {id: {generator: sequence}}}
            """)
        .Awaits(AwaitKind.Time);
}
