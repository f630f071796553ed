namespace OrleansEtl.Definitions.Tests.Reading;

/// <summary>Every file in <c>Faulty</c> has beside it what people are told about it.</summary>
public class FaultyFilesTests
{
    public static TheoryData<string> Names() =>
        [.. Directory.GetFiles(Path.Combine(Files.Here, "Faulty"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Theory, MemberData(nameof(Names))]
    public void A_faulty_file_tells_what_is_wrong_and_where(string name)
    {
        var path = Path.Combine(Files.Here, "Faulty", name + ".yaml");
        var read = PipelineYaml.Read(File.ReadAllBytes(path), name + ".yaml", SmallCatalog.Kinds);
        var check = PipelineFile.Check(read, SmallCatalog.Kinds);
        Assert.NotEmpty(check.Diagnostics);
        Assert.All(check.Diagnostics, d => Assert.Matches("^ETL[0-9]{4}$", d.Code));
        Files.Golden(Path.ChangeExtension(path, ".txt"), DiagnosticText.Render(check.Diagnostics, check.Text));
    }
}
