using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>How the states of one kind stand in the store.</summary>
/// <param name="None">The state that nobody wrote yet, or that was deleted.</param>
/// <param name="Write">Null clears it.</param>
/// <param name="Contended">The code of the fault that others write it all the time.</param>
public sealed record StateForm<T>(
    T None, Func<T, DateTimeOffset?, byte[]?> Write, Func<byte[], (T State, DateTimeOffset? DueAt)> Read, string Contended);

/// <summary>What a state becomes.</summary>
/// <param name="DueAt">When somebody has to come back; null: nobody has to.</param>
public sealed record Change<T>(T State, DateTimeOffset? DueAt = null);
