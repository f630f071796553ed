using System.Globalization;

namespace OrleansEtl.Data.Datasets;

/// <summary>Lines that an attempt leaves beside its datasets, flushed once at the end. Which attempts' notes count is for their owner to
/// know.</summary>
public sealed class Notes : IDisposable
{
    private const string FileName = "notes.ndjson";
    private const int BufferBytes = 1 << 16;

    private readonly FileStream _file;
    private readonly string _root;

    private Notes(FileStream file, string root, int start) => (_file, _root, Start) = (file, root, start);

    /// <summary>How often the attempt had been begun before: it names the folder.</summary>
    public int Start { get; }

    public int Lines { get; private set; }

    /// <summary>Below a folder that nobody else has.</summary>
    public static Notes Begin(DatasetStore store, StagingKey key)
    {
        var staging = store.Stage(key);
        var folder = store.Below(staging.Location);
        var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferBytes);
        return new Notes(file, store.Root, int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
    }

    /// <param name="line">Without the line's end, and with none within.</param>
    public void Add(ReadOnlySpan<byte> line)
    {
        _file.Write(line);
        _file.WriteByte((byte)'\n');
        Lines++;
    }

    /// <summary>When it returns, the notes survive the machine's fall.</summary>
    public void Seal()
    {
        _file.Flush(flushToDisk: true);
        Durable.FlushFolders(Path.GetDirectoryName(_file.Name)!, _root);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Brings the notes of many attempts into one new file; answers how many lines those are.</summary>
    /// <param name="start">Which folder of an attempt counts; null: none.</param>
    public static long Gather(
        DatasetStore store, string owner, string part, Func<int, int?> start, string into, CancellationToken cancellation)
    {
        var lines = 0L;
        var buffer = new byte[BufferBytes];
        using var all = new FileStream(into, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        foreach (var attempt in store.AttemptsOf(owner, part).Order())
        {
            cancellation.ThrowIfCancellationRequested();
            if (start(attempt) is not { } counts) continue;
            var file = Path.Combine(store.Below($"{owner}/{part}/{Name(attempt)}/{Name(counts)}"), FileName);
            if (!File.Exists(file)) continue;
            using var one = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            for (int read; (read = one.Read(buffer)) > 0;)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
                all.Write(buffer, 0, read);
            }
        }
        return lines;
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);
}
