using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>
/// Values that flow along with calls: into the callee and on from there, never back. The dictionary is never
/// changed, only replaced, so a request takes it along without a copy.
/// </summary>
public static class RequestContext
{
    internal const string ReentrancyKey = "#RC_CCR";
    private static readonly AsyncLocal<ImmutableDictionary<string, object>?> Local = new();

    /// <summary>The names of the values.</summary>
    public static IEnumerable<string> Keys => Local.Value?.Keys.Where(IsOfApplication) ?? [];

    /// <summary>The values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries =>
        Local.Value?.Where(entry => IsOfApplication(entry.Key)) ?? [];

    /// <summary>Says which calls belong to one chain; calls of a chain may be let back into a grain.</summary>
    public static Guid ReentrancyId
    {
        get => Get(ReentrancyKey) is Guid id ? id : Guid.Empty;
        set
        {
            if (value == Guid.Empty) Remove(ReentrancyKey);
            else Set(ReentrancyKey, value);
        }
    }

    internal static ImmutableDictionary<string, object>? Values
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>The value of that name, or null.</summary>
    public static object? Get(string key) => Local.Value?.GetValueOrDefault(key);

    /// <summary>Sets a value for everything called from here.</summary>
    public static void Set(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Local.Value = (Local.Value ?? ImmutableDictionary<string, object>.Empty).SetItem(key, value);
    }

    /// <summary>Removes a value; false if there was none.</summary>
    public static bool Remove(string key)
    {
        if (Local.Value is not { } values || !values.ContainsKey(key)) return false;
        var rest = values.Remove(key);
        Local.Value = rest.IsEmpty ? null : rest;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Local.Value = null;

    /// <summary>Lets calls of this chain back into the current grain until the section is disposed.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var before = ReentrancyId;
        var id = before == Guid.Empty ? SequentialGuid.Next() : before;
        if (before == Guid.Empty) ReentrancyId = id;
        var activation = RuntimeContext.Current as Activation;
        activation?.EnterChain(id);
        return new(before, activation, id);
    }

    /// <summary>Calls made until the section is disposed belong to no chain.</summary>
    public static ReentrancySection SuppressCallChainReentrancy()
    {
        var before = ReentrancyId;
        ReentrancyId = Guid.Empty;
        return new(before, null, Guid.Empty);
    }

    private static bool IsOfApplication(string key) => key != ReentrancyKey;

    /// <summary>Ends what began it.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _before;
        private readonly Activation? _activation;
        private readonly Guid _entered;

        internal ReentrancySection(Guid before, Activation? activation, Guid entered)
        {
            _before = before;
            _activation = activation;
            _entered = entered;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            ReentrancyId = _before;
            _activation?.LeaveChain(_entered);
        }
    }
}
