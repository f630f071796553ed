using System.Reflection;
using System.Text;

namespace OrleansEtl.Definitions.Tests;

internal static class Files
{
    public static readonly string Root = typeof(Files).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!;

    public static readonly string Here = Path.Combine(Root, "tests", "Definitions");

    /// <summary>With UPDATE_GOLDEN=1 the files are written instead of compared; then look at what git says.</summary>
    public static void Golden(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is missing: run with UPDATE_GOLDEN=1");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    public static CheckedPipeline Check(string yaml) => Check(Encoding.UTF8.GetBytes(yaml));

    public static CheckedPipeline Check(byte[] bytes) =>
        PipelineFile.Check(PipelineYaml.Read(bytes, "test.yaml", SmallCatalog.Kinds), SmallCatalog.Kinds);

    /// <summary>The pipeline of these steps: each <c>id kind [dependencies] {with}</c>.</summary>
    public static CheckedPipeline Steps(params string[] steps) => Whole("", steps);

    /// <param name="more">A further line of the pipeline itself.</param>
    public static CheckedPipeline Whole(string more, params string[] steps) =>
        Check($"pipeline: test\n{(more == "" ? "" : more + "\n")}params: {{ day: 2026-01-31, n: 3, name: x }}\nsteps:\n"
            + string.Concat(steps.Select(s => $"  - {{ {s} }}\n")));
}
