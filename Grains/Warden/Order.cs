using System.Text;

namespace OrleansEtl.Warden;

/// <summary>What a warden is asked to run. It comes over its standard input, which then stays open: when it closes, because
/// whoever asked has died, everything is killed at once.</summary>
/// <param name="Program">An absolute path.</param>
/// <param name="Environment">All of it, as <c>NAME=value</c>.</param>
/// <param name="Folder">Where the program starts.</param>
/// <param name="Input">The file that is its standard input.</param>
/// <param name="Report">Where the <see cref="Ending"/> is written.</param>
public sealed record Order(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, string Folder, string Input,
    string Report, ProgramLimits Limits)
{
    /// <summary>The byte that asks for a gentle end.</summary>
    public const byte Stop = (byte)'S';

    public void Write(Stream to)
    {
        using var writer = new BinaryWriter(to, Encoding.UTF8, leaveOpen: true);
        writer.Write(Program);
        Write(writer, Arguments);
        Write(writer, Environment);
        writer.Write(Folder);
        writer.Write(Input);
        writer.Write(Report);
        writer.Write(Limits.MemoryBytes);
        writer.Write(Limits.CpuSeconds);
        writer.Write(Limits.Grace.Ticks);
    }

    /// <summary>Null when whoever asked died while asking.</summary>
    public static Order? Read(Stream from)
    {
        using var reader = new BinaryReader(from, Encoding.UTF8, leaveOpen: true);
        try
        {
            return new Order(
                reader.ReadString(), ReadTexts(reader), ReadTexts(reader), reader.ReadString(), reader.ReadString(),
                reader.ReadString(),
                new ProgramLimits(reader.ReadInt64(), reader.ReadInt64(), new TimeSpan(reader.ReadInt64())));
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write(texts.Count);
        foreach (var text in texts) writer.Write(text);
    }

    private static string[] ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.ReadInt32()];
        for (var i = 0; i < texts.Length; i++) texts[i] = reader.ReadString();
        return texts;
    }
}

/// <summary>
/// What the kernel holds each process of the program to. 0: no limit of ours. The size of files is none of it: a child that meets
/// such a limit dies or writes no further, a shell goes on without it, and what is cut off there looks like a whole file.
/// </summary>
/// <param name="MemoryBytes">Of address space.</param>
/// <param name="Grace">Between being asked to end and being killed.</param>
public sealed record ProgramLimits(long MemoryBytes, long CpuSeconds, TimeSpan Grace);
