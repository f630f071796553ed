using System.Reflection;
using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Duck.Native;

/// <summary>Finds the native library, once per process: the variable ETL_DUCKDB, then beside the program, then the
/// repository's cache.</summary>
internal static class DuckLibrary
{
    public const string Name = "duckdb";
    public const string Variable = "ETL_DUCKDB";
    private const string PackageFolder = "node_modules/@duckdb/";

    private static readonly Lazy<nint> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    static DuckLibrary() => NativeLibrary.SetDllImportResolver(typeof(DuckLibrary).Assembly, Resolve);

    /// <summary>Loads the library or throws ETL4001.</summary>
    public static void EnsureLoaded() => _ = Loaded.Value;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Name ? Loaded.Value : 0;

    private static nint Load()
    {
        var tried = Candidates(Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory).ToArray();
        var found = tried.FirstOrDefault(File.Exists);
        if (found is null) throw Missing($"is at none of: {string.Join(", ", tried)}.");
        return NativeLibrary.TryLoad(found, out var handle) ? handle : throw Missing($"cannot be loaded from {found}.");
    }

    internal static IEnumerable<string> Candidates(string? chosen, string programFolder)
    {
        if (!string.IsNullOrEmpty(chosen))
        {
            yield return chosen;
            yield break;
        }

        var file = FileName();
        yield return Path.Combine(programFolder, file);
        for (var folder = new DirectoryInfo(programFolder); folder is not null; folder = folder.Parent)
        {
            var cache = Path.Combine(folder.FullName, ".cache", "npm");
            if (Directory.Exists(cache)) yield return Path.Combine(cache, PackageFolder + PackageName(), file);
        }
    }

    private static string FileName() =>
        OperatingSystem.IsWindows() ? "duckdb.dll" : OperatingSystem.IsMacOS() ? "libduckdb.dylib" : "libduckdb.so";

    private static string PackageName()
    {
        var system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return $"node-bindings-{system}-{processor}";
    }

    private static FaultException Missing(string what) => new(new Fault(
        FaultKind.NotFound, DataCodes.LibraryMissing, $"The DuckDB library {what}",
        Hint: "Start through the launcher (./etl, ./test), which installs it, "
            + $"or set {Variable} to the path of {FileName()}."));
}
