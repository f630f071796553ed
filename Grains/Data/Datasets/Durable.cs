using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Datasets;

/// <summary>What is flushed here survives the machine's fall. DuckDB writes files but never flushes them.</summary>
internal static partial class Durable
{
    public static void Flush(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>A file is only there for good when its folder is flushed too. Windows keeps folders by
    /// itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0) throw Failed(folder);
        try
        {
            if (Sync(descriptor) != 0) throw Failed(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Flushes the folder and those above it, down from the root's own entry for the first of them.</summary>
    public static void FlushFolders(string folder, string root)
    {
        for (var current = folder; ; current = Path.GetDirectoryName(current)!)
        {
            FlushFolder(current);
            if (current.Length <= root.Length) return;
        }
    }

    private static IOException Failed(string folder) =>
        new($"The folder {folder} cannot be flushed (error {Marshal.GetLastPInvokeError()}).");

    public static void WriteNew(string file, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
