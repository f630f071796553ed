using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>What all references of one interface to one grain type in one runtime share.</summary>
public sealed class ReferenceKind
{
    internal ReferenceKind(Node node, GrainInterface grainInterface, GrainType grainType)
    {
        Node = node;
        Interface = grainInterface;
        GrainType = grainType;
    }

    internal Node Node { get; }

    internal GrainInterface Interface { get; }

    internal GrainType GrainType { get; }
}

/// <summary>A reference to a grain; equal to another if the grain is the same.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>, ISpanFormattable
{
    // The activation that answered last, as long as it lives here: spares the look-up in the catalog.
    internal Activation? Near;

    private readonly ReferenceKind _kind;
    private readonly IdSpan _key;

    /// <summary>Made by generated proxies.</summary>
    public GrainReference(ReferenceKind kind, IdSpan key)
    {
        _kind = kind;
        _key = key;
    }

    /// <summary>The grain.</summary>
    public GrainId GrainId => new(_kind.GrainType, _key);

    /// <summary>The interface that this reference is for.</summary>
    public GrainInterfaceType InterfaceType => _kind.Interface.Id;

    /// <summary>The name of the interface.</summary>
    public string InterfaceName => _kind.Interface.Name;

    /// <summary>The version of the interface.</summary>
    public ushort InterfaceVersion => _kind.Interface.Version;

    internal GrainInterface Interface => _kind.Interface;

    internal Node Node => _kind.Node;

    /// <summary>A reference to the same grain by another interface; not checked until it is called.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable =>
        (TGrainInterface)As(typeof(TGrainInterface));

    internal object As(Type interfaceType) =>
        interfaceType.IsInstanceOfType(this) && interfaceType != typeof(IAddressable) && interfaceType != typeof(IGrain)
            ? this
            : Node.Bind(GrainId, interfaceType);

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) =>
        other is not null && (ReferenceEquals(this, other) || GrainId.Equals(other.GrainId));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}:{InterfaceName}";

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        var text = ToString();
        charsWritten = text.Length <= destination.Length ? text.Length : 0;
        return charsWritten > 0 && text.AsSpan().TryCopyTo(destination);
    }

    /// <inheritdoc/>
    public static bool operator ==(GrainReference? left, GrainReference? right) =>
        left is null ? right is null : left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(GrainReference? left, GrainReference? right) => !(left == right);
}
