namespace OrleansEtl.Simulation.Tests;

/// <summary>All chance of one world, drawn from its seed.</summary>
internal sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);

    public int Below(int end) => _random.Next(end);
    public bool OneIn(int n) => _random.Next(n) == 0;
    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromSeconds(fromSeconds + _random.NextDouble() * (toSeconds - fromSeconds));

    /// <summary>Mostly short, seldom nearly as long as the longest.</summary>
    public TimeSpan Long(double longestSeconds) => TimeSpan.FromSeconds(Math.Pow(_random.NextDouble(), 8) * longestSeconds);

    /// <summary>How long an attempt works: half of them less than two seconds.</summary>
    public TimeSpan Work() => TimeSpan.FromSeconds(Math.Pow(_random.NextDouble(), 2) * 8);

    /// <summary>Between two pieces of work of one process.</summary>
    public TimeSpan Moment() => TimeSpan.FromMicroseconds(_random.Next(1, 200));
}
