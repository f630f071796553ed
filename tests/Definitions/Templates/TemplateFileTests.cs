using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Definitions.Tests.Templates;

/// <summary>Templates stand in the nearest folder of that name, and are no pipelines.</summary>
public sealed class TemplateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-templates-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pipeline_uses_the_nearest_folder_and_versions_stand_side_by_side()
    {
        Write("templates/old.yaml", Template(1, "old.csv"));
        Write("templates/new.yaml", Template(2, "new.csv"));
        Write("shop/near/p.yaml", "pipeline: p\nuses: t@2\n");
        Assert.Equal("new.csv", Path("shop/near/p.yaml"));
        Write("shop/near/p.yaml", "pipeline: p\nuses: t@1\n");
        Assert.Equal("old.csv", Path("shop/near/p.yaml"));
        Write("shop/templates/t.yaml", Template(1, "other.csv"));
        Assert.Equal("other.csv", Path("shop/near/p.yaml"));
    }

    [Fact]
    public void Folders_of_templates_are_passed_over_where_pipelines_are_looked_for()
    {
        Write("templates/t.yaml", Template(1, "x.csv"));
        Write("a/templates/t.yaml", Template(1, "x.csv"));
        Write("a/p.yaml", "pipeline: p\nuses: t@1\n");
        Assert.Equal([System.IO.Path.Combine(_folder, "a/p.yaml")], PipelineFolder.Pipelines([_folder], FolderBounds.Default).Files);
    }

    [Fact]
    public void A_template_is_checked_by_itself_and_with_its_defaults()
    {
        Assert.Null(Checked("p.yaml", "pipeline: p\nsteps: []\n"));
        Assert.False(Checked("templates/t.yaml", Template(1, "x.csv"))!.HasErrors);
        Assert.Equal("ETL6805", Checked("templates/t.yaml", Template(1, "{{ params.x }}"))!.Diagnostics.Single().Code);
        var kind = Checked("templates/t.yaml", Template(1, "x.csv").Replace("extract.csv", "extract.cvs"))!;
        Assert.Equal(("ETL2001", 4, true), (kind.Diagnostics.Single().Code, kind.Diagnostics.Single().Line, kind.HasErrors));
        Assert.Empty(kind.Diagnostics.Single().Related);
    }

    [Fact]
    public void What_is_wrong_with_a_folder_is_said()
    {
        Write("p.yaml", "pipeline: p\nuses: t@1\n");
        Assert.Contains("no folder `templates`", PipelineFile.Check(System.IO.Path.Combine(_folder, "p.yaml"), SmallCatalog.Kinds).Diagnostics.Single().Message);
        Write("templates/t.yaml", "template: [\n");
        Assert.Contains("t.yaml has mistakes", PipelineFile.Check(System.IO.Path.Combine(_folder, "p.yaml"), SmallCatalog.Kinds).Diagnostics.Single().Help);
        for (var i = 0; i < TemplateBounds.Default.FilesMax; i++) Write($"templates/t{i}.yaml", Template(i + 1, "x.csv"));
        var many = Assert.Throws<FaultException>(() => TemplateSet.Load(System.IO.Path.Combine(_folder, "templates")));
        Assert.Equal("ETL6111", many.Fault.Code);
    }

    private static string Template(int version, string path) =>
        $"template: t\nversion: {version}\nsteps:\n  - {{ id: a, kind: extract.csv, with: {{ path: \"{path}\" }} }}\n";

    private CheckedPipeline? Checked(string name, string text)
    {
        Write(name, text);
        return PipelineFile.CheckTemplate(System.IO.Path.Combine(_folder, name), SmallCatalog.Kinds);
    }

    private string Path(string name)
    {
        var file = PipelineFile.Check(System.IO.Path.Combine(_folder, name), SmallCatalog.Kinds);
        Assert.False(file.HasErrors, string.Join("\n", file.Diagnostics));
        return file.Spec!.Steps[0].With["path"]!.ToPlainText();
    }

    private void Write(string name, string text)
    {
        var path = System.IO.Path.Combine(_folder, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
