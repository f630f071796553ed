using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OrleansEtl.Data.Tests;

/// <summary>The test program started again to do one thing under other conditions.</summary>
internal static class Child
{
    private const string Variable = "ETL_DATA_TEST_CHILD";

    public static string Run(string what, string root, long fileBytesMax, string? library = null)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"ulimit -f {fileBytesMax / 512}; trap '' XFSZ; exec \"$0\" \"$@\"");
        start.ArgumentList.Add(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.Environment[Variable] = $"{what}\n{root}";
        start.Environment["COMPlus_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        if (library is not null) start.Environment["ETL_DUCKDB"] = library;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }

    [ModuleInitializer]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n') is not [var what, var root]) return;
        Console.WriteLine(what switch
        {
            "full-disk" => ExportTests.FillTheDisk(root),
            "full-cache" => CacheTests.FillTheCache(root),
            "no-library" => WallTests.OpenWithoutLibrary(root),
            _ => $"unknown: {what}",
        });
        Environment.Exit(0);
    }
}
