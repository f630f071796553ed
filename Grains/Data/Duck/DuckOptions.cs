using System.Collections.Immutable;

namespace OrleansEtl.Data.Duck;

/// <summary>What an engine may use. Every number is a bound.</summary>
/// <param name="SpillFolder">Where operators that exceed the memory put their rows; each process takes a part of its
/// own below it.</param>
/// <param name="AllowedFolders">Absolute folders below which files may be read and written. Nothing else is reachable.
/// They are fixed for the life of the engine.</param>
public sealed record DuckOptions(string SpillFolder, ImmutableArray<string> AllowedFolders)
{
    /// <summary>Where programs work whose files are read here; the first wall keeps pipelines out of it.</summary>
    public string ProgramsFolder => Path.Combine(SpillFolder, "programs");

    /// <summary>Memory of all sessions together. Default: half of what the machine (or its container) has.</summary>
    public long MemoryBytes { get; init; } =
        Math.Max(MemoryBytesMin, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>Threads of all sessions together. Default: one a processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes that may be spilled at a time. Default: 64 GiB, so that a runaway join meets a bound before the
    /// disk does.</summary>
    public long SpillBytesMax { get; init; } = 64L << 30;

    /// <summary>Sessions that may be open at a time; further ones wait their turn. Default: 32.</summary>
    public int SessionsMax { get; init; } = 32;

    /// <summary>Row taps that may be in use at a time. Default: 4096, 64 bytes each.</summary>
    public int TapsMax { get; init; } = 4096;

    /// <summary>Whether rows keep the order of their files without being asked to. Costs memory when writing large
    /// files.</summary>
    public bool KeepsFileOrder { get; init; } = true;

    /// <summary>Less does not let DuckDB sort or join at all.</summary>
    public const long MemoryBytesMin = 64L << 20;

    internal void Check()
    {
        Require(MemoryBytes >= MemoryBytesMin, $"memory is {MemoryBytes} bytes; at least {MemoryBytesMin} are needed");
        Require(Threads is > 0 and <= 1024, $"threads are {Threads}; 1 to 1024 are possible");
        Require(SpillBytesMax > 0, $"the spill folder may hold {SpillBytesMax} bytes; more than 0 are needed");
        Require(SessionsMax is > 0 and <= 10_000, $"sessions are {SessionsMax}; 1 to 10000 are possible");
        Require(TapsMax is > 0 and <= 1_000_000, $"taps are {TapsMax}; 1 to 1000000 are possible");
        foreach (var folder in AllowedFolders.Append(SpillFolder))
            Require(Path.IsPathFullyQualified(folder), $"the folder '{folder}' is not an absolute path");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new FaultException(new Fault(
                FaultKind.Invalid, DataCodes.EngineSettings, $"Engine settings: {what}."));
    }
}
