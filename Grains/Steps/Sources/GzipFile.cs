using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;

namespace OrleansEtl.Steps.Sources;

/// <summary>
/// Whether gzip files are whole. Neither the engine nor .NET notices when one was cut off: the rows up to there would pass for all
/// rows. A gzip file ends with the checksum and the length of its last member, so a whole one is known by its end.
/// </summary>
internal static class GzipFile
{
    private const int TrailerBytes = 8;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Entry((uint)i))];

    /// <summary>Reads all files to their end, several at a time.</summary>
    /// <exception cref="FaultException">One is cut off or is not gzip.</exception>
    public static void CheckWhole(ImmutableArray<string> files, CancellationToken cancellation)
    {
        var faults = files.AsParallel().WithCancellation(cancellation)
            .Select(file => FaultOf(file, cancellation)).OfType<FaultException>().ToArray();
        if (faults.Length > 0) throw faults[0];
    }

    private static FaultException? FaultOf(string file, CancellationToken cancellation)
    {
        try
        {
            if (new FileInfo(file).Length == 0) return null;
            return IsWhole(file, cancellation) ? null : StepFaults.BadFile(
                file, "is cut off: its end is missing.", "Get the file again; gzip -t FILE checks it.");
        }
        catch (InvalidDataException e)
        {
            return StepFaults.BadFile(file, $"is not gzip: {e.Message}");
        }
    }

    private static bool IsWhole(string file, CancellationToken cancellation)
    {
        var (checksum, length) = Trailer(file);
        var total = Read(file, 0, out _, cancellation);
        if ((uint)total == length) return true; // of one member, as nearly all are
        if (total < length) return false;
        Read(file, total - length, out var found, cancellation);
        return found == checksum;
    }

    private static (uint Checksum, uint Length) Trailer(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length < TrailerBytes) return (0, uint.MaxValue);
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        stream.Seek(-TrailerBytes, SeekOrigin.End);
        stream.ReadExactly(trailer);
        return (BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]));
    }

    /// <summary>The plain length, and the checksum of what follows the first <paramref name="skip"/> bytes.</summary>
    private static long Read(string file, long skip, out uint checksum, CancellationToken cancellation)
    {
        using var plain = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        var buffer = new byte[1 << 16];
        var (total, crc) = (0L, uint.MaxValue);
        for (int read; (read = plain.Read(buffer)) > 0; total += read)
        {
            cancellation.ThrowIfCancellationRequested();
            if (skip == 0) continue;
            for (var i = (int)Math.Clamp(skip - total, 0, read); i < read; i++) crc = Table[(byte)(crc ^ buffer[i])] ^ (crc >> 8);
        }
        checksum = ~crc;
        return total;
    }

    private static uint Entry(uint value)
    {
        for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
        return value;
    }
}
