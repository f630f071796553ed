using System.Reflection;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A folder of a test's own, removed with it.</summary>
internal sealed class Playground : IDisposable
{
    public static string RepoRoot { get; } = typeof(Playground).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!;

    public static string Cache { get; } = Environment.GetEnvironmentVariable("ETL_CACHE") ?? "";

    public string Folder { get; } = Directory.CreateTempSubdirectory("etl-test-").FullName;

    public string this[string path] => Path.Combine(Folder, path);

    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
        return this[path];
    }

    /// <summary>A copy of a sample, so that its outputs do not meet in the repository.</summary>
    public string Sample(string name)
    {
        var source = Path.Combine(RepoRoot, "samples", name);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = this[Path.GetRelativePath(source, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        return this["pipeline.yaml"];
    }

    public Task<Ended> Etl(params string[] arguments) => EtlProcess.Run(Folder, arguments);

    public Task<Ended> RunYaml(string yaml, params string[] more)
    {
        Write("pipeline.yaml", yaml);
        return Etl(["run", "pipeline.yaml", "-o", "json", .. more]);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
