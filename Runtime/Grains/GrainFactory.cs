using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Makes references; never asks whether the grain exists.</summary>
public interface IGrainFactory
{
    /// <summary>A reference by Guid.</summary>
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey;

    /// <summary>A reference by integer.</summary>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>A reference by text.</summary>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference by Guid and text.</summary>
    TGrainInterface GetGrain<TGrainInterface>(
        Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey;

    /// <summary>A reference by integer and text.</summary>
    TGrainInterface GetGrain<TGrainInterface>(
        long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey;

    /// <summary>A reference that observers are called through.</summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends such a reference.</summary>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>A reference by interface type and Guid.</summary>
    IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey);

    /// <summary>A reference by interface type and integer.</summary>
    IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey);

    /// <summary>A reference by interface type and text.</summary>
    IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey);

    /// <summary>A reference by interface type, Guid and text.</summary>
    IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension);

    /// <summary>A reference by interface type, integer and text.</summary>
    IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension);

    /// <summary>A reference by id.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable;

    /// <summary>A reference by id, for no interface.</summary>
    IAddressable GetGrain(GrainId grainId);

    /// <summary>A reference by id and interface.</summary>
    IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType);

    /// <summary>A reference by interface type and key.</summary>
    IAddressable GetGrain(Type interfaceType, IdSpan grainKey);

    /// <summary>A reference by interface type, key and class.</summary>
    IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix);
}

/// <summary>The way into a cluster from outside grains.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the client or silo.</summary>
    IServiceProvider ServiceProvider { get; }
}

internal sealed class GrainFactory(Node node) : IClusterClient
{
    private readonly ConcurrentDictionary<(Type, string?), ReferenceKind> _kinds = new();

    public IServiceProvider ServiceProvider => node.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Make<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Make<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Make<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(
        Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyExtension);
        return Make<TGrainInterface>(
            GrainIdKeyExtensions.CreateGuidKey(primaryKey, keyExtension), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(
        long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyExtension);
        return Make<TGrainInterface>(
            GrainIdKeyExtensions.CreateIntegerKey(primaryKey, keyExtension), grainClassNamePrefix);
    }

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        (TGrainObserverInterface)node.Observers.Add(obj, typeof(TGrainObserverInterface));

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => node.Observers.Remove(obj.GetGrainId());

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey));

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(grainPrimaryKey);
        return (IGrain)GetGrain(grainInterfaceType, IdSpan.Create(grainPrimaryKey));
    }

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey, keyExtension));

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        (IGrain)GetGrain(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey, keyExtension));

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)node.Bind(grainId, typeof(TGrainInterface));

    public IAddressable GetGrain(GrainId grainId) => (IAddressable)node.Bind(grainId, typeof(IAddressable));

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        (IAddressable)node.Bind(grainId, Serialization.TypeNames.Resolve(interfaceType.ToString()));

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => Make(interfaceType, grainKey, null);

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) =>
        Make(interfaceType, grainKey, grainClassNamePrefix);

    private TGrainInterface Make<TGrainInterface>(IdSpan key, string? prefix) =>
        (TGrainInterface)(object)Make(typeof(TGrainInterface), key, prefix);

    private GrainReference Make(Type interfaceType, IdSpan key, string? prefix)
    {
        if (!_kinds.TryGetValue((interfaceType, prefix), out var kind))
        {
            kind = node.KindOf(ImplementationOf(interfaceType, prefix), interfaceType);
            _kinds[(interfaceType, prefix)] = kind;
        }

        return kind.Interface.Make(kind, key);
    }

    private static GrainType ImplementationOf(Type interfaceType, string? prefix)
    {
        var found = Manifest.Current.Implementing(interfaceType);
        if (found.Count == 0) Manifest.Current.IncludeLoaded();
        if (found.Count == 0) found = Manifest.Current.Implementing(interfaceType);
        if (prefix is not null)
            found = [.. found.Where(c => c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal))];
        if (found.Count == 1) return found[0].GrainType;
        // A client has the interfaces without the classes.
        if ((prefix is null || found.Count > 1) && interfaceType.GetCustomAttribute<DefaultGrainTypeAttribute>() is { } named)
            return GrainType.Create(named.GrainType);
        if (found.Count == 0)
            throw new ArgumentException($"Could not find an implementation for interface {interfaceType}.");
        var sameName = found.FirstOrDefault(c => "I" + c.Type.Name == interfaceType.Name);
        return sameName?.GrainType
            ?? throw new ArgumentException(
                $"Several classes implement {interfaceType}: {string.Join(", ", found.Select(c => c.Type))}. "
                + "Name one by a class name prefix or [DefaultGrainType].");
    }
}
