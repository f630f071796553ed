using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Orleans;

namespace OrleansEtl;

/// <summary>The id of a run: <c>run_</c> and 26 characters of Crockford base 32 (48 bits of milliseconds since 1970, then 80 random
/// bits), so that ids sort by their start and the start can be read from the id.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.RunId)]
public readonly record struct RunId(string Value) : IComparable<RunId>
{
    public const string Prefix = "run_";
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <param name="startedAt">When the run starts.</param>
    /// <param name="entropy">Ten random bytes.</param>
    public static RunId New(DateTimeOffset startedAt, ReadOnlySpan<byte> entropy)
    {
        var bits = (UInt128)(ulong)startedAt.ToUnixTimeMilliseconds();
        foreach (var b in entropy[..10]) bits = (bits << 8) | b;
        Span<char> text = stackalloc char[26];
        for (var i = 25; i >= 0; i--, bits >>= 5) text[i] = Alphabet[(int)(bits & 31)];
        return new RunId(Prefix + new string(text));
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        id = default;
        if (text is null || text.Length != Prefix.Length + 26 || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (text.AsSpan(Prefix.Length).ContainsAnyExcept(Alphabet)) return false;
        id = new RunId(text);
        return true;
    }

    /// <summary>The start that the id carries, to the millisecond, UTC.</summary>
    public DateTimeOffset StartedAt()
    {
        var milliseconds = 0L;
        foreach (var c in Value.AsSpan(Prefix.Length, 10)) milliseconds = (milliseconds << 5) | (long)Alphabet.IndexOf(c);
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    public int CompareTo(RunId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>The id of a step within its pipeline: a letter, then at most 62 letters, digits, <c>_</c> or <c>-</c>.
/// Two steps of one pipeline may not differ in case alone.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.StepId)]
public readonly partial record struct StepId(string Value)
{
    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    public static bool IsValid([NotNullWhen(true)] string? text) => text is not null && Form().IsMatch(text);
    public override string ToString() => Value;
}

/// <summary>Counts the tries of a stage in a run, from 1. A report is heard only from the current one.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.Attempt)]
public readonly record struct Attempt(int Number) : IComparable<Attempt>
{
    public static readonly Attempt None = new(0);
    public Attempt Next() => new(Number + 1);
    public int CompareTo(Attempt other) => Number.CompareTo(other.Number);
    public override string ToString() => Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
