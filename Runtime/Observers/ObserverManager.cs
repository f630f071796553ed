using System.Collections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Utilities;

/// <summary>Observers that are told by themselves under their own address.</summary>
public class ObserverManager<TObserver>(TimeSpan expiration, ILogger log)
    : ObserverManager<IAddressable, TObserver>(expiration, log);

/// <summary>Observers of a grain: they expire unless they subscribe again. Not safe for several threads.</summary>
public class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) : IEnumerable<TObserver>
    where TIdentity : notnull
{
    private readonly Dictionary<TIdentity, (TObserver Observer, DateTime LastSeen)> _observers = [];

    /// <summary>How long a subscription holds.</summary>
    public TimeSpan ExpirationDuration { get; set; } = expiration;

    /// <summary>The clock.</summary>
    public Func<DateTime> GetDateTime { get; set; } = static () => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>How many there are.</summary>
    public int Count => _observers.Count;

    /// <summary>A copy of them.</summary>
    public IDictionary<TIdentity, TObserver> Observers =>
        _observers.ToDictionary(entry => entry.Key, entry => entry.Value.Observer);

    /// <summary>Removes all.</summary>
    public void Clear() => _observers.Clear();

    /// <summary>Adds one, or renews it.</summary>
    public void Subscribe(TIdentity id, TObserver observer) => _observers[id] = (observer, GetDateTime());

    /// <summary>Removes one.</summary>
    public void Unsubscribe(TIdentity id) => _observers.Remove(id);

    /// <summary>Tells each, one after another; those that throw are removed.</summary>
    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Live(predicate))
        {
            try
            {
                await notification(observer);
            }
            catch (Exception error)
            {
                Drop(id, error);
            }
        }
    }

    /// <summary>Tells each; those that throw are removed.</summary>
    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, observer) in Live(predicate))
        {
            try
            {
                notification(observer);
            }
            catch (Exception error)
            {
                Drop(id, error);
            }
        }
    }

    /// <summary>Removes those that have expired.</summary>
    public void ClearExpired()
    {
        var now = GetDateTime();
        foreach (var id in _observers.Where(e => IsExpired(e.Value.LastSeen, now)).Select(e => e.Key).ToArray())
            _observers.Remove(id);
    }

    /// <inheritdoc/>
    public IEnumerator<TObserver> GetEnumerator() => _observers.Values.Select(entry => entry.Observer).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<(TIdentity Id, TObserver Observer)> Live(Func<TObserver, bool>? predicate)
    {
        ClearExpired();
        return [.. _observers
            .Where(entry => predicate is null || predicate(entry.Value.Observer))
            .Select(entry => (entry.Key, entry.Value.Observer))];
    }

    private bool IsExpired(DateTime lastSeen, DateTime now) => lastSeen + ExpirationDuration < now;

    private void Drop(TIdentity id, Exception error)
    {
        log.LogWarning(error, "The observer {Observer} failed and is dropped.", id);
        _observers.Remove(id);
    }
}
