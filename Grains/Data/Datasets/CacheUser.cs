namespace OrleansEtl.Data.Datasets;

/// <summary>
/// One process's own folder in a cache that several share: its links to files that it reads, and its copies that are
/// not whole yet. It holds a lock on the folder while it lives; folders without a lock are of the dead, and whoever
/// enters removes them.
/// </summary>
internal sealed class CacheUser : IDisposable
{
    private const string LockName = "lock";
    private const int EntriesMax = 1000;
    private const int OwnerAll = 0x1FF;
    private readonly string _folder;
    private readonly FileStream _lock;
    private long _last;

    private CacheUser(string folder, FileStream held) => (_folder, _lock) = (folder, held);

    /// <param name="users">The folder of all users.</param>
    public static CacheUser Enter(string users)
    {
        Directory.CreateDirectory(users);
        RemoveDead(users);
        for (var i = 0; i < EntriesMax; i++)
        {
            var folder = Path.Combine(users, $"{Environment.ProcessId}-{i}");
            if (Posix.MakeFolder(folder, OwnerAll) != 0) continue;
            try
            {
                return new CacheUser(folder, Hold(Path.Combine(folder, LockName), FileMode.CreateNew));
            }
            catch (Exception taken) when (taken is IOException)
            {
                // Another one took the folder for a dead one's, in the moment before the lock.
            }
        }

        throw new IOException($"{users}: no folder could be made.");
    }

    /// <summary>A path of this process's own that leads to the file; null when the file is not there.</summary>
    public string? Link(string file, string name)
    {
        var link = $"{NewFile()}-{name}.parquet";
        return Posix.Link(file, link) == 0 ? link : null;
    }

    public string NewFile() => Path.Combine(_folder, $"{Interlocked.Increment(ref _last)}");

    public void Remove(string link)
    {
        try
        {
            File.Delete(link);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It leaves with the folder, when this process has ended.
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The next one to enter the cache removes what is left.
        }

        _lock.Dispose();
    }

    private static FileStream Hold(string file, FileMode mode) =>
        new(file, mode, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveDead(string users)
    {
        foreach (var folder in Directory.EnumerateDirectories(users))
        {
            try
            {
                using var held = Hold(Path.Combine(folder, LockName), FileMode.Open);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception alive) when (alive is IOException or UnauthorizedAccessException)
            {
                // Its user lives, or is just entering.
            }
        }
    }
}
