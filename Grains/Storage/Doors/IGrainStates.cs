namespace OrleansEtl.Storage;

/// <summary>The states of grains that are no runs (definitions, schedules, limits …), each under the whole grain id and the state's
/// name, each written only by the one who knows its last version.</summary>
public interface IGrainStates
{
    /// <summary>The state; null when it was never written.</summary>
    Task<StoredState?> Read(StateKey key, CancellationToken cancellation);

    /// <exception cref="FaultException">As for <see cref="IRunJournal.Append"/>.</exception>
    Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation);
}

/// <param name="Grain">The grain id as text, <c>type/key</c>.</param>
public sealed record StateKey(string Grain, string Name);

/// <param name="Version">Grows with each write and each clearing, so that no version means two different states.</param>
/// <param name="Value">Null after a clearing.</param>
public sealed record StoredState(long Version, byte[]? Value);

/// <param name="Id">Made anew for each write, kept when the same write is offered again.</param>
/// <param name="ExpectedVersion">0: there is no value.</param>
/// <param name="Value">Null clears the state.</param>
public sealed record StateWrite(Guid Id, StateKey Key, long ExpectedVersion, byte[]? Value);

public abstract record StateOutcome
{
    private StateOutcome() { }
    public sealed record Stored(long Version) : StateOutcome;
    /// <summary>Somebody else wrote the state; it has this version now.</summary>
    public sealed record Stale(long Version) : StateOutcome;
}
