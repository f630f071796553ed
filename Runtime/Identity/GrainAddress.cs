namespace Orleans.Runtime;

/// <summary>Which activation of a grain, unique in time.</summary>
public readonly struct ActivationId : IEquatable<ActivationId>
{
    private readonly Guid _value;

    internal ActivationId(Guid value) => _value = value;

    internal Guid Value => _value;

    /// <summary>None.</summary>
    public bool IsDefault => _value == Guid.Empty;

    /// <inheritdoc/>
    public bool Equals(ActivationId other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"@{_value:N}";
}

/// <summary>Where a grain lives: which activation on which silo.</summary>
public sealed class GrainAddress : IEquatable<GrainAddress>
{
    /// <summary>The grain.</summary>
    public GrainId GrainId { get; init; }

    /// <summary>Its activation.</summary>
    public ActivationId ActivationId { get; init; }

    /// <summary>The silo that holds it.</summary>
    public SiloAddress? SiloAddress { get; init; }

    /// <inheritdoc/>
    public bool Equals(GrainAddress? other) =>
        other is not null && GrainId.Equals(other.GrainId) && ActivationId.Equals(other.ActivationId)
        && Equals(SiloAddress, other.SiloAddress);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(GrainId, ActivationId);

    /// <inheritdoc/>
    public override string ToString() => $"[{SiloAddress} {GrainId} {ActivationId}]";
}
