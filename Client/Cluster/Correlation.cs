using Orleans.Runtime;

namespace OrleansEtl.Client;

/// <summary>A name for what is done in one go, which the logs of the silos and faults carry.</summary>
public static class Correlation
{
    /// <summary>The name under which it travels with calls.</summary>
    public const string Key = "etl-correlation";

    /// <summary>The name that holds here; null: none was given, and the client makes one for every call.</summary>
    public static string? Current => RequestContext.Get(Key) as string;

    /// <summary>Calls from here carry this name, until it is disposed of.</summary>
    /// <param name="name">1 to 100 characters, of your choice: the id of a job, of a request.</param>
    public static IDisposable Use(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 100);
        var before = Current;
        RequestContext.Set(Key, name);
        return new Earlier(before);
    }

    private sealed class Earlier(string? name) : IDisposable
    {
        public void Dispose()
        {
            if (name is null) RequestContext.Remove(Key);
            else RequestContext.Set(Key, name);
        }
    }
}
