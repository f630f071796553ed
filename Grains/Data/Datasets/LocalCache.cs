using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace OrleansEtl.Data.Datasets;

/// <summary>
/// Copies of dataset files on a disk of this machine. A file is named by the hash of its content, copied under another
/// name, flushed and renamed, so that what has its name is whole; what is damaged later is seen at its first use by a
/// process and fetched anew. Those that were not used for longest leave when the bound is reached. Who reads a file
/// holds a second link to it: it may leave the cache meanwhile and stays readable (and on the disk) until it is given
/// back. Any number of processes may share the folder. Nothing here is needed: whatever fails with the disk, the shared
/// file is read.
/// </summary>
public sealed class LocalCache : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly string _files;
    private readonly CacheUser _user;
    private readonly long _bytesMax;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Lock> _fetching = [];
    private readonly ConcurrentDictionary<string, (long Bytes, DateTime Written)> _checked = [];
    private readonly Lock _trimming = new();
    private long _copies;

    private LocalCache(string files, CacheUser user, long bytesMax, TimeProvider time) =>
        (_files, _user, _bytesMax, _time) = (files, user, bytesMax, time);

    /// <summary>How many files this process has copied.</summary>
    public long Copies => Interlocked.Read(ref _copies);

    /// <param name="folder">On a local disk; nothing else may live there.</param>
    /// <param name="bytesMax">Of all files together; those that are in use come on top.</param>
    /// <returns>Null where there can be no cache: no such folder, no room, or a system without links.</returns>
    public static LocalCache? Open(string folder, long bytesMax, TimeProvider time)
    {
        if (OperatingSystem.IsWindows()) return null;
        try
        {
            var files = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
            return new LocalCache(files, CacheUser.Enter(Path.Combine(folder, "users")), bytesMax, time);
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            return null;
        }
    }

    /// <summary>A path at which the file can be read until it is given back; null when the shared file has to be
    /// read.</summary>
    /// <exception cref="FaultException">The shared file is not what was recorded.</exception>
    internal string? Take(ManifestFile file, string shared, Func<string, FaultException> damaged, CancellationToken cancellation)
    {
        if (file.Bytes > _bytesMax || !TryName(file, out var name)) return null;
        try
        {
            lock (_fetching.GetOrAdd(name, _ => new Lock()))
            {
                if (Linked(name, file) is { } known) return known;
                if (!Fetch(name, file, shared, cancellation)) throw damaged(file.Name);
                return Linked(name, file);
            }
        }
        catch (Exception failed) when (IsOfTheDisk(failed))
        {
            return null;
        }
    }

    /// <summary>What <see cref="Take"/> gave is not read any more.</summary>
    internal void GiveBack(string link) => _user.Remove(link);

    public void Dispose() => _user.Dispose();

    /// <summary>Links the entry first and looks then: what is linked cannot leave under the one who looks.</summary>
    private string? Linked(string name, ManifestFile file)
    {
        var entry = Path.Combine(_files, name);
        if (_user.Link(entry, name) is not { } link) return null;
        if (IsWhole(name, link, file))
        {
            File.SetLastAccessTimeUtc(link, _time.GetUtcNow().UtcDateTime);
            return link;
        }

        _user.Remove(link);
        File.Delete(entry);
        return null;
    }

    private bool IsWhole(string name, string link, ManifestFile file)
    {
        var found = new FileInfo(link);
        if (found.Length != file.Bytes) return false;
        var state = (found.Length, found.LastWriteTimeUtc);
        if (_checked.TryGetValue(name, out var before) && before == state) return true;
        if (Manifest.HashOf(link) != file.Hash) return false;
        _checked[name] = state;
        return true;
    }

    /// <returns>False when the shared file has another content than recorded.</returns>
    private bool Fetch(string name, ManifestFile file, string shared, CancellationToken cancellation)
    {
        Trim(_bytesMax - file.Bytes);
        var copy = _user.NewFile();
        try
        {
            if (Copy(shared, copy, file.Bytes, cancellation) != file.Hash) return false;
            Interlocked.Increment(ref _copies);
            var written = new FileInfo(copy);
            _checked[name] = (written.Length, written.LastWriteTimeUtc);
            File.SetLastAccessTimeUtc(copy, _time.GetUtcNow().UtcDateTime);
            File.Move(copy, Path.Combine(_files, name), overwrite: true);
            Durable.FlushFolder(_files);
            return true;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static string Copy(string from, string to, long bytesMax, CancellationToken cancellation)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (var bytes = 0L; bytes <= bytesMax;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = source.Read(buffer);
            if (read == 0) break;
            bytes += read;
            hash.AppendData(buffer.AsSpan(0, read));
            Write(target, buffer.AsSpan(0, read));
        }

        target.Flush(flushToDisk: true);
        return Manifest.Named(hash.GetHashAndReset());
    }

    private static void Write(FileStream target, ReadOnlySpan<byte> bytes)
    {
        try
        {
            target.Write(bytes);
        }
        catch (ArgumentOutOfRangeException tooLarge) // What .NET makes of a file system that refuses the size.
        {
            throw new IOException(tooLarge.Message, tooLarge);
        }
    }

    /// <summary>Those that were not used for longest go until the others have no more bytes than that.</summary>
    private void Trim(long bytes)
    {
        lock (_trimming)
        {
            var entries = new DirectoryInfo(_files).EnumerateFiles().Select(Seen).OfType<Entry>()
                .OrderByDescending(entry => entry.Used).ThenBy(entry => entry.Path, StringComparer.Ordinal);
            foreach (var entry in entries)
                if ((bytes -= entry.Bytes) < 0) File.Delete(entry.Path);
        }
    }

    private sealed record Entry(string Path, long Bytes, DateTime Used);

    private static Entry? Seen(FileInfo file)
    {
        try
        {
            return new Entry(file.FullName, file.Length, file.LastAccessTimeUtc);
        }
        catch (FileNotFoundException)
        {
            return null; // Another process has removed it.
        }
    }

    private static bool TryName(ManifestFile file, out string name)
    {
        const string kind = "sha256:";
        name = file.Hash.StartsWith(kind, StringComparison.Ordinal) ? file.Hash[kind.Length..] : "";
        return name.Length == 64 && name.All(char.IsAsciiHexDigitLower);
    }

    private static bool IsOfTheDisk(Exception failed) => failed is IOException or UnauthorizedAccessException;
}
