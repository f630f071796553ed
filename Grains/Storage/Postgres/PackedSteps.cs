using System.Collections.Immutable;
using System.Text;

namespace OrleansEtl.Storage;

/// <summary>The step rows of one append in one value, without the run, which stands beside it. Numbers are seven bits a byte, and one
/// more than they are where there may be none. The numbers of <see cref="StepStatus"/> are stored: it grows only at its end.</summary>
internal static class PackedSteps
{
    /// <summary>Null when no step changed.</summary>
    public static byte[]? Pack(ImmutableArray<StepRow> steps)
    {
        if (steps.IsDefaultOrEmpty) return null;
        using var packed = new MemoryStream(steps.Length * 64);
        using var writer = new BinaryWriter(packed, Encoding.UTF8);
        foreach (var step in steps) Write(writer, step);
        return packed.ToArray();
    }

    public static IEnumerable<StepRow> Unpack(RunId run, byte[] packed)
    {
        using var stream = new MemoryStream(packed);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        while (stream.Position < stream.Length) yield return Read(reader, run);
    }

    private static void Write(BinaryWriter writer, StepRow step)
    {
        writer.Write(step.Id.Value);
        writer.Write7BitEncodedInt(step.Position);
        writer.Write(step.Kind);
        writer.Write((byte)step.Status);
        writer.Write7BitEncodedInt(step.Attempts);
        Write(writer, Instants.Stored(step.StartedAt));
        Write(writer, Instants.Stored(step.EndedAt));
        Write(writer, step.RowsIn);
        Write(writer, step.RowsOut);
        Write(writer, step.RowsRejected);
        writer.Write(step.FaultCode ?? "");
    }

    private static StepRow Read(BinaryReader reader, RunId run) => new(
        run, new StepId(reader.ReadString()), reader.Read7BitEncodedInt(), reader.ReadString(), (StepStatus)reader.ReadByte(),
        reader.Read7BitEncodedInt(), ReadTime(reader), ReadTime(reader), ReadNumber(reader), ReadNumber(reader), ReadNumber(reader),
        reader.ReadString() is { Length: > 0 } code ? code : null);

    private static void Write(BinaryWriter writer, long? number) => writer.Write7BitEncodedInt64(number + 1 ?? 0);

    private static long? ReadNumber(BinaryReader reader) => reader.Read7BitEncodedInt64() is var read && read == 0 ? null : read - 1;

    private static DateTimeOffset? ReadTime(BinaryReader reader) => ReadNumber(reader) is { } stored ? Instants.Time(stored) : null;
}
