namespace OrleansEtl.Definitions.Tests.Reading;

public class WritingTests
{
    [Fact]
    public void What_is_written_reads_as_the_same_spec()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var spec = new Chance(seed).Spec();
            var yaml = PipelineYaml.Write(spec);
            var read = PipelineYaml.Read(yaml, "t", SmallCatalog.Kinds);
            Assert.True(read.Spec is not null, $"seed {seed}: {string.Join('\n', read.Diagnostics)}\n{yaml}");
            Assert.True(spec.ToValue() == read.Spec!.ToValue(), $"seed {seed}:\n{spec.ToValue()}\n{read.Spec.ToValue()}\n{yaml}");
            Assert.Equal(spec.Version(), read.Spec.Version());
            Assert.Equal(yaml, PipelineYaml.Write(read.Spec));
        }
    }

    [Fact]
    public void A_written_file_is_one_that_people_would_have_written()
    {
        const string file = """
            pipeline: orders
            description: Orders of a day
            params:
              day: 2026-01-31
              full: { type: flag, default: false, description: Everything }
            steps:
              - id: raw
                kind: extract.csv
                with:
                  path: "in/{{ params.day }}.csv"
                  columns: { id: integer, amount: "decimal(18,4)" }
                retry: 5
                timeout: 30m
              - id: clean
                kind: transform.sql
                depends_on: [raw]
                with:
                  query: |
                    select id
                    from raw

            """;
        var text = file.Replace("\n\n", "\n");
        Assert.Equal(text, PipelineYaml.Write(PipelineYaml.Read(text, "t", SmallCatalog.Kinds).Spec!));
    }

    [Fact]
    public void A_definition_differs_from_itself_in_nothing_and_from_another_in_something()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var (a, b) = (new Chance(seed).Spec(), new Chance(seed + 1).Spec());
            Assert.Empty(SpecDiff.Between(a, PipelineYaml.Read(PipelineYaml.Write(a), "t", SmallCatalog.Kinds).Spec!));
            Assert.Equal(a.ToValue() == b.ToValue(), SpecDiff.Between(a, b).IsEmpty);
        }
    }

    [Fact]
    public void A_difference_is_told_by_step_and_field()
    {
        static PipelineSpec Read(string steps) =>
            PipelineYaml.Read($"pipeline: p\nparams: {{ n: 1 }}\nsteps: [{steps}]", "t", SmallCatalog.Kinds).Spec!;
        var old = Read("{ id: a, kind: k, with: { path: x.csv, deep: { y: 1 } } }, { id: b, kind: k }");
        var @new = Read("{ id: a, kind: k, with: { path: z.csv, deep: { y: 2 } }, timeout: 5m }, { id: c, kind: l }")
            with { Params = [new ParamSpec("n", ValueType.Integer, new SpecValue.Integer(2), null)] };
        Assert.Equal(
            [
                "~ parameter n: default: 1 → 2",
                "~ step a: with.path: \"x.csv\" → \"z.csv\"",
                "~ step a: with.deep.y: 1 → 2",
                "~ step a: timeout: (nothing) → 300.0",
                "- step b (k)",
                "+ step c (l)",
            ],
            SpecDiff.Between(old, @new));
    }
}
