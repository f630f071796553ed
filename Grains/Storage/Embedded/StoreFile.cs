using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;

namespace OrleansEtl.Storage;

/// <summary>The file of an embedded store: how it is made, recognised and brought up to date.</summary>
/// <remarks>A store appears whole or not at all: it is made under another name and then moved into place, already in write-ahead mode.
/// So any file that stands under the store's name and does not carry our mark is somebody else's, or damaged, and is left alone
/// without SQLite so much as opening it. Later migrations run in one exclusive transaction.</remarks>
internal static class StoreFile
{
    /// <summary>"ETLS" in the file's header.</summary>
    private const int ApplicationId = 0x45544C53;
    private const string Magic = "SQLite format 3\0";
    private const string DraftLog = ".log";
    /// <summary>Some dozens of small commits.</summary>
    private const int LogBytes = 1 << 20;
    private const int HeaderBytes = 100, UserVersionAt = 60, ApplicationIdAt = 68;

    private static readonly string[] DraftSuffixes = ["", "-journal", "-wal", "-shm", DraftLog];
    private static readonly Lazy<Migration[]> Migrations = new(ReadMigrations);

    /// <summary>A connection to the store at the path; the store is made when there is none.</summary>
    public static Connection Open(string path)
    {
        if (!HasStore(path)) Create(path);
        var connection = new Connection(path);
        try
        {
            BringUpToDate(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static bool HasStore(string path)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        int length;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            length = file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFaults.CannotOpen(path, e.Message);
        }
        Recognise(path, header[..length]);
        return true;
    }

    private static void Recognise(string path, ReadOnlySpan<byte> header)
    {
        if (header.IsEmpty) throw StorageFaults.Damaged(path, "the file is empty");
        for (var i = 0; i < Math.Min(Magic.Length, header.Length); i++)
            if (header[i] != Magic[i]) throw StorageFaults.NotAStore(path, "a file that is no SQLite database");
        if (header.Length < HeaderBytes) throw StorageFaults.Damaged(path, $"the file ends after {header.Length} bytes");
        var mark = BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdAt..]);
        if (mark != ApplicationId) throw StorageFaults.NotAStore(path, $"a SQLite database of another program (mark {mark:x8})");
        // The header may be older than what the log holds, never newer.
        var version = BinaryPrimitives.ReadInt32BigEndian(header[UserVersionAt..]);
        if (version > Newest) throw StorageFaults.Newer(path, version, Newest);
    }

    private static int Newest => Migrations.Value[^1].Version;

    private static void Create(string path)
    {
        var draft = $"{path}.new-{Environment.MachineName}-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            Discard(draft);
            using (var connection = new Connection(draft, create: true))
            {
                // Nobody needs a draft after a crash, so it is flushed once, at the end.
                connection.Run("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;");
                BringUpToDate(connection);
                connection.Run("PRAGMA journal_mode = WAL;");
            }
            using (var file = File.OpenHandle(draft, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(file);
            PrepareLog(draft + DraftLog, path + "-wal");
            var isOurs = PutUnlessThere(draft, path);
            Discard(draft);
            if (!isOurs) HasStore(path); // another process was first; its store is as good
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFaults.CannotOpen(path, e.Message);
        }
        catch
        {
            Discard(draft);
            throw;
        }
    }

    /// <summary>An empty log that need not grow with the first commits. Whoever has a log already keeps it.</summary>
    private static void PrepareLog(string draft, string log)
    {
        File.WriteAllBytes(draft, new byte[LogBytes]);
        PutUnlessThere(draft, log);
        File.Delete(draft);
    }

    /// <summary>Gives a file a second name, unless a file has that name already. File.Move looks first and renames then: of two makers
    /// the second could replace what the first had begun to fill.</summary>
    private static bool PutUnlessThere(string file, string name)
    {
        const int exists = 17;
        if (link(file, name) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == exists ? false : throw new IOException($"{name}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static void Discard(string draft)
    {
        foreach (var suffix in DraftSuffixes) File.Delete(draft + suffix);
    }

    private static void BringUpToDate(Connection connection)
    {
        if (connection.Read(() => IsUpToDate(connection, out _))) return;
        connection.Alone(() =>
        {
            // Another process may have done it while this one waited for the lock.
            if (IsUpToDate(connection, out var version)) return version;
            foreach (var migration in Migrations.Value)
                if (migration.Version > version) connection.Run(migration.Sql);
            connection.Run($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Newest};");
            return Newest;
        });
    }

    private static bool IsUpToDate(Connection connection, out int version)
    {
        version = connection.Prepare("PRAGMA user_version").Begin().First(row => row.Int(0));
        return version <= Newest ? version == Newest : throw StorageFaults.Newer(connection.Path, version, Newest);
    }

    private static Migration[] ReadMigrations()
    {
        var assembly = typeof(StoreFile).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.Contains(".Embedded.Migrations.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new Migration(int.Parse(name.Split('.')[^2].AsSpan(0, 4)), Read(assembly, name)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private sealed record Migration(int Version, string Sql);
}
