namespace OrleansEtl.House.Tests;

internal static class Law
{
    /// <summary>Fails with every breach on a line of its own.</summary>
    public static void Holds(IEnumerable<string> breaches)
    {
        var all = breaches.ToArray();
        if (all.Length > 0) Assert.Fail($"{all.Length} breaches:\n  {string.Join("\n  ", all.Take(100))}");
    }
}
