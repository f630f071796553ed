namespace OrleansEtl.Storage;

internal static class HomeDriverRules
{
    /// <summary>Unanswered letters of one run: a person sends one, a script that sends a thousand is mistaken.</summary>
    public const int LettersMax = 1_000;
}
