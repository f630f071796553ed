namespace OrleansEtl.Bench;

/// <summary>The published command, as a user runs it.</summary>
internal static class Etl
{
    public static string Folder { get; } = Environment.GetEnvironmentVariable("ETL_BENCH_FOLDER") ?? Path.GetTempPath();

    public static string Cache { get; } = Environment.GetEnvironmentVariable("ETL_CACHE") ?? Folder;

    private static readonly string Program = Environment.GetEnvironmentVariable("ETL_EXE")
        ?? throw new InvalidOperationException("ETL_EXE names the published etl; start this with ./bench");

    public static Took Run(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? settings = null) =>
        Spawn.Run(Program, arguments, Path.Combine(Folder, "etl.log"), settings);

    /// <summary>Runs a pipeline that may read what lies in the folder of the benches and writes below <c>out/</c>; its home and what it
    /// wrote are removed afterwards.</summary>
    public static Took RunPipeline(string name, string yaml, IReadOnlyDictionary<string, string>? settings = null)
    {
        var (file, home) = (Path.Combine(Folder, $"{name}.yaml"), Path.Combine(Folder, "home"));
        File.WriteAllText(file, yaml);
        try
        {
            return Run(["run", file, "--home", home, "--progress", "quiet"], settings);
        }
        finally
        {
            foreach (var made in new[] { home, Path.Combine(Folder, "out") })
            {
                if (Directory.Exists(made)) Directory.Delete(made, recursive: true);
            }
        }
    }
}
