using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>The states of grains that are no runs (definitions, schedules, limits …), each under the whole grain id and the state's
/// name, each written only by the one who knows its last version. A state may say when its grain has something to do.</summary>
public interface IGrainStates
{
    /// <summary>The state; null when it was never written.</summary>
    Task<StoredState?> Read(StateKey key, CancellationToken cancellation);

    /// <exception cref="FaultException">As for <see cref="IRunJournal.Append"/>.</exception>
    Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation);

    /// <summary>The states of that name of all grains of a type, by key, one page; cleared ones are not there.</summary>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to <see cref="Paging.LimitMax"/>.</param>
    Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>Whose time has come, earliest first.</summary>
    /// <param name="after">The last one of the page before; null: the first page.</param>
    /// <param name="limit">1 to <see cref="Paging.LimitMax"/>.</param>
    Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation);
}

/// <param name="Grain">The grain id as text, <c>type/key</c>.</param>
public sealed record StateKey(string Grain, string Name)
{
    /// <summary>What the ids of all grains of a type begin with.</summary>
    internal static string Prefix(string grainType) => $"{grainType}/";

    /// <summary>Comes after all ids that begin with <see cref="Prefix"/>, and before those of other types that do.</summary>
    internal static string End(string grainType) => $"{grainType}0";
}

/// <param name="Version">Grows with each write and each clearing, so that no version means two different states.</param>
/// <param name="Value">Null after a clearing.</param>
public sealed record StoredState(long Version, byte[]? Value);

/// <param name="Id">Made anew for each write, kept when the same write is offered again.</param>
/// <param name="ExpectedVersion">0: there is no value.</param>
/// <param name="Value">Null clears the state.</param>
/// <param name="DueAt">When the grain is to be woken; null: it need not be.</param>
public sealed record StateWrite(Guid Id, StateKey Key, long ExpectedVersion, byte[]? Value, DateTimeOffset? DueAt = null);

/// <param name="Key">The grain's own, without its type.</param>
public sealed record KeyedState(string Key, long Version, byte[] Value);

/// <param name="Grain">The grain id as text, <c>type/key</c>.</param>
public sealed record DueGrain(string Grain, DateTimeOffset At);

public abstract record StateOutcome
{
    private StateOutcome() { }
    public sealed record Stored(long Version) : StateOutcome;
    /// <summary>Somebody else wrote the state; it has this version now.</summary>
    public sealed record Stale(long Version) : StateOutcome;
}
