using System.Collections.Immutable;

namespace OrleansEtl;

/// <summary>The values of an enumeration as people write and read them: <c>queue_one</c>.</summary>
public static class EnumWords
{
    public static ImmutableArray<string> All<T>() where T : struct, Enum => [.. Enum.GetValues<T>().Select(value => Word(value))];

    public static string Word<T>(T value) where T : struct, Enum => string.Concat(value.ToString().Select((c, i) =>
        char.IsAsciiLetterUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    public static bool TryParse<T>(string word, out T value) where T : struct, Enum
    {
        foreach (var one in Enum.GetValues<T>())
            if (Word(one) == word)
            {
                value = one;
                return true;
            }
        value = default;
        return false;
    }
}
