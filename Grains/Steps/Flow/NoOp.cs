namespace OrleansEtl.Steps.Flow;

internal static class NoOp
{
    public static readonly StepKind Kind =
        StepKind.Flow("flow.noop", "Does nothing, durably.")
        .Describe("Joins branches or gives them a common start. It needs no slot and no engine, so it costs its place in the journal alone.")
        .Alias("noop")
        .Example("One start for two branches", """
            pipeline: branches
            steps:
              - id: begin
                kind: flow.noop
              - id: small
                kind: extract.generate
                depends_on: [begin]
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: large
                kind: extract.generate
                depends_on: [begin]
                with: {rows: 1000, columns: {id: {generator: sequence}}}
              - id: done
                kind: flow.noop
                depends_on: [small, large]
            """)
        .IsDoneAtOnce();
}
