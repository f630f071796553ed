using System.Globalization;

namespace OrleansEtl.Warden;

/// <summary>How a program ended.</summary>
public enum EndedBy
{
    /// <summary>Itself; the number is its exit code.</summary>
    Exit,
    /// <summary>A signal; the number is the signal's.</summary>
    Signal,
    /// <summary>It was never started; the number is the error's.</summary>
    NoStart,
}

/// <summary>What a warden reports in a file when nothing of the program is left. No such file: the warden itself was killed.</summary>
/// <param name="Cpu">Processor time of the program and of those of its children that it waited for.</param>
/// <param name="MemoryBytes">The most that one of these processes held in memory.</param>
/// <param name="Left">Processes that could not be killed: they belong to another user, or hang in the kernel.</param>
public sealed record Ending(EndedBy By, int Number, TimeSpan Cpu, long MemoryBytes, int Left)
{
    public void Write(string file)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{By} {Number} {(long)Cpu.TotalMilliseconds} {MemoryBytes} {Left}");
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Null when there is none.</summary>
    public static Ending? Read(string file)
    {
        if (!File.Exists(file)) return null;
        var parts = File.ReadAllText(file).Split(' ');
        long Number(int i) => long.Parse(parts[i], CultureInfo.InvariantCulture);
        return new Ending(
            Enum.Parse<EndedBy>(parts[0]), (int)Number(1), TimeSpan.FromMilliseconds(Number(2)), Number(3), (int)Number(4));
    }
}
