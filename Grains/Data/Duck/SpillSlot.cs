namespace OrleansEtl.Data.Duck;

/// <summary>
/// A folder that belongs to one engine as long as it lives. DuckDB's spill files carry fixed names, so two processes
/// must never share one. The owner holds a lock that the system drops when the process dies; who takes a free slot
/// first clears what a dead owner left.
/// </summary>
internal sealed class SpillSlot : IDisposable
{
    private const int SlotsMax = 10_000;
    private readonly FileStream _lock;

    private SpillSlot(string folder, FileStream held) => (Folder, _lock) = (folder, held);

    public string Folder { get; }

    public static SpillSlot Take(string root)
    {
        try
        {
            return TakeFirstFree(root);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(new Fault(
                FaultKind.Unavailable, DataCodes.EngineSettings,
                $"The spill folder {root} cannot be used: {failed.Message}"));
        }
    }

    private static SpillSlot TakeFirstFree(string root)
    {
        Directory.CreateDirectory(root);
        for (var slot = 0; slot < SlotsMax; slot++)
        {
            var folder = Path.Combine(root, $"slot-{slot}");
            if (TryLock(folder + ".lock") is not { } held) continue;
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            return new SpillSlot(folder, held);
        }

        throw new FaultException(new Fault(
            FaultKind.Exhausted, DataCodes.EngineSettings,
            $"All {SlotsMax} places of the spill folder {root} are in use."));
    }

    public void Dispose()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        _lock.Dispose();
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
