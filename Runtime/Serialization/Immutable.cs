namespace Orleans.Concurrency;

/// <summary>An argument or result that nobody changes any more, so that calls do not copy it.</summary>
public readonly struct Immutable<T>(T value)
{
    /// <summary>The value.</summary>
    public T Value { get; } = value;
}

/// <summary>Wraps values.</summary>
public static class ImmutableExtensions
{
    /// <summary>Promises that the value does not change any more.</summary>
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
