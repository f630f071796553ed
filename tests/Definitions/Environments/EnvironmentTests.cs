using OrleansEtl.Definitions.Environments;

namespace OrleansEtl.Definitions.Tests.Environments;

/// <summary>Environments inherit, override and keep their types; what is wrong is said of all files at once.</summary>
public sealed class EnvironmentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-environments-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_value_comes_from_the_nearest_and_keeps_the_type_of_the_eldest()
    {
        Write("base", "values: { bucket: /data/dev, rate: { type: number, value: 1, description: per hour }, day: 2026-01-31 }");
        Write("night", "inherits: base\nvalues: { rate: 2 }");
        Write("prod", "inherits: night\nvalues: { bucket: /data/prod, retries: 3 }");
        var prod = Resolved("prod");
        Assert.Equal(["prod", "night", "base"], prod.Lineage);
        Assert.Equal(
            [
                ("bucket", "Text", "\"/data/prod\"", "prod", "base"), ("day", "Date", "\"2026-01-31\"", "base", ""),
                ("rate", "Number", "2", "night", "base"), ("retries", "Integer", "3", "prod", ""),
            ],
            prod.Values.Select(value => (value.Name, $"{value.Type}", value.Value.ToJson(), value.From,
                string.Join(",", value.Overrides.Select(hidden => hidden.From)))));
        Assert.Equal(("per hour", 2), (prod.Values[2].Description, prod.Values[2].Line));
    }

    [Fact]
    public void Everything_that_is_wrong_in_any_file_is_found_at_once()
    {
        Write("a", "inherits: b\nvalues: {}");
        Write("b", "inherits: c");
        Write("c", "inherits: a");
        Write("d", "inherits: aa\nvalue: { x: 1 }");
        Write("e", "values: { 1x: 1, y: { type: txt, value: 1 } }");
        Write("f", "[]");
        Assert.Equal(
            ["a: ETL6125", "d: ETL6123", "d: ETL1007", "e: ETL1010", "e: ETL1009", "f: ETL1004"], Mistakes());
        Assert.Contains("a → b → c → a", EnvironmentSet.Load(_folder).Mistakes.First().Diagnostics[0].Message);
    }

    [Fact]
    public void A_value_of_another_type_than_its_elder_is_refused()
    {
        Write("base", "values: { rate: 1, bucket: { type: text } }");
        Write("prod", "inherits: base\nvalues: { rate: fast, bucket: { type: integer, value: 1 } }");
        Assert.Equal(["prod: ETL6126", "prod: ETL6126"], Mistakes());
    }

    [Fact]
    public void What_is_declared_alone_has_to_be_set_by_who_is_named()
    {
        Write("base", "values: { bucket: { type: text } }");
        Write("prod", "inherits: base\nvalues: { bucket: b }");
        var set = EnvironmentSet.Load(_folder);
        Assert.Empty(set.Mistakes);
        Assert.Equal("ETL6124", set.Resolve("base").Fault!.Code);
        Assert.Equal("b", Resolved("prod").Values[0].Value.ToPlainText());
        Assert.Contains("Did you mean `prod`?", set.Resolve("porod").Fault!.Hint);
    }

    [Fact]
    public void A_pipeline_holds_the_values_that_it_uses_and_no_others()
    {
        Write("prod", "values: { path: in.csv, rows: 10, unused: 1 }");
        const string yaml = """
            pipeline: p
            steps:
              - { id: a, kind: extract.csv, with: { path: "data/{{ env.path }}" } }
              - { id: b, kind: extract.csv, with: { path: "x" }, when: "{{ env.rows > 5 }}" }
            """;
        var with = Checked(yaml, Resolved("prod"));
        Assert.False(with.HasErrors, string.Join("\n", with.Diagnostics));
        Assert.Equal(["path", "rows"], with.Spec!.Environment!.Values.Select(value => value.Name));
        Write("prod", "values: { path: in.csv, rows: 10, unused: 2 }");
        Assert.Equal(with.Spec.Version(), Checked(yaml, Resolved("prod")).Spec!.Version());
        Write("prod", "values: { path: in.csv, rows: 11, unused: 2 }");
        var other = Checked(yaml, Resolved("prod")).Spec!;
        Assert.NotEqual(with.Spec.Version(), other.Version());
        Assert.Equal(["~ env.rows: 10 → 11"], SpecDiff.Between(with.Spec, other));
    }

    [Fact]
    public void A_value_that_is_not_there_or_of_another_type_is_a_fault_of_the_pipeline_at_its_place()
    {
        Write("prod", "values: { path: in.csv }");
        const string yaml = "pipeline: p\nsteps:\n  - { id: a, kind: extract.csv, with: { path: \"{{ env.pth }}\" } }\n";
        var diagnostic = Assert.Single(Checked(yaml, Resolved("prod")).Diagnostics);
        Assert.Equal(("ETL6121", 3), (diagnostic.Code, diagnostic.Line));
        Assert.Equal("ETL6120", Assert.Single(Checked(yaml, null).Diagnostics).Code);
    }

    [Fact]
    public void The_nearest_folder_above_is_taken()
    {
        var inner = Directory.CreateDirectory(Path.Combine(_folder, "environments", "x", "y")).FullName;
        Assert.Equal(Path.Combine(_folder, "environments"), EnvironmentSet.FolderOf(inner));
    }

    private void Write(string name, string yaml) => File.WriteAllText(Path.Combine(_folder, $"{name}.yaml"), yaml + "\n");

    private ResolvedEnvironment Resolved(string name)
    {
        var set = EnvironmentSet.Load(_folder);
        Assert.Empty(set.Mistakes.SelectMany(one => one.Diagnostics));
        return set.Resolve(name).Value!;
    }

    private IEnumerable<string> Mistakes() => EnvironmentSet.Load(_folder).Mistakes.SelectMany(one => one.Diagnostics)
        .Select(one => $"{Path.GetFileNameWithoutExtension(one.File)}: {one.Code}");

    private static CheckedPipeline Checked(string yaml, ResolvedEnvironment? environment) =>
        PipelineFile.Check(PipelineYaml.Read(yaml, "p.yaml", SmallCatalog.Kinds), SmallCatalog.Kinds, environment);
}
