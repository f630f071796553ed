namespace OrleansEtl.Engine.Tests;

/// <summary>Runs a test once for each of many seeds; one that fails names its seed. <c>ETL_SEED=17</c> runs that one alone.</summary>
internal static class Seeds
{
    public static int? Chosen => int.TryParse(Environment.GetEnvironmentVariable("ETL_SEED"), out var seed) ? seed : null;

    public static void Each(int count, Action<int> test)
    {
        foreach (var seed in Chosen is { } chosen ? [chosen] : Enumerable.Range(1, count))
            try
            {
                test(seed);
            }
            catch (Exception broken)
            {
                Assert.Fail($"Seed {seed}: {broken.Message}\nAgain with: ETL_SEED={seed}\n{broken.StackTrace}");
            }
    }
}
