using System.Reflection;

namespace OrleansEtl.Cli.Tests;

/// <summary>Output that people and programs rely on stands in golden/. UPDATE_GOLDEN=1 rewrites it, for review in the diff.</summary>
internal static class Golden
{
    private static readonly string Folder = Path.Combine(
        typeof(Golden).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!,
        "tests/Cli/golden");

    public static void Matches(string name, string actual)
    {
        var file = Path.Combine(Folder, name);
        var visible = actual.Replace("\e", "␛");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, visible);
        }
        Assert.True(File.Exists(file), $"there is no golden file {file}; make it with UPDATE_GOLDEN=1");
        Assert.Equal(File.ReadAllText(file), visible);
    }
}
