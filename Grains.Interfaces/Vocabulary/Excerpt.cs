namespace OrleansEtl;

/// <summary>The beginning of texts that may be long.</summary>
public static class Excerpt
{
    /// <summary>At most so many characters, and a mark where something is missing. A character of two halves stays whole: half of one can be
    /// written nowhere.</summary>
    public static string Of(string text, int charactersMax)
    {
        if (text.Length <= charactersMax) return text;
        var end = charactersMax > 0 && char.IsHighSurrogate(text[charactersMax - 1]) ? charactersMax - 1 : charactersMax;
        return text[..end] + "…";
    }
}
