using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Codecs;

namespace Orleans.Metadata;

/// <summary>
/// Everything that the manifests of the loaded assemblies describe. It starts with the assemblies that are
/// loaded and follows their parts; later assemblies join when one of their types is first asked for.
/// </summary>
internal sealed class Manifest : ManifestBuilder
{
    private static readonly Lazy<Manifest> Instance = new(Load);

    private readonly Lock _including = new();
    private readonly ConcurrentDictionary<string, bool> _assemblies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, Func<Codec>> _codecs = new();
    private readonly ConcurrentDictionary<Type, Type> _genericCodecs = new();
    private readonly ConcurrentDictionary<Type, string> _names = new();
    private readonly ConcurrentDictionary<string, Type> _types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Type, GrainInterface> _interfaces = new();
    private readonly ConcurrentDictionary<Type, (string Name, ushort Version, Type Proxy)> _genericInterfaces = new();
    private readonly ConcurrentDictionary<GrainType, GrainClass> _classes = new();
    private readonly ConcurrentDictionary<Type, List<GrainClass>> _implementations = new();

    public static Manifest Current => Instance.Value;

    public IEnumerable<GrainClass> Classes => _classes.Values;

    public IEnumerable<Type> Requests => _names.Keys.Where(type => type.IsSubclassOf(typeof(Request)));

    public Codec? FindCodec(Type type)
    {
        Include(type.Assembly);
        if (_codecs.TryGetValue(type, out var make)) return make();
        if (!type.IsGenericType || !_genericCodecs.TryGetValue(type.GetGenericTypeDefinition(), out var open))
            return null;
        return (Codec)Activator.CreateInstance(open.MakeGenericType(type.GetGenericArguments()))!;
    }

    public string? NameOf(Type type)
    {
        Include(type.Assembly);
        return _names.GetValueOrDefault(type);
    }

    public Type? TypeNamed(string name) => _types.GetValueOrDefault(name);

    public GrainInterface InterfaceOf(Type type)
    {
        if (_interfaces.TryGetValue(type, out var known)) return known;
        Include(type.Assembly);
        if (_interfaces.TryGetValue(type, out known)) return known;
        if (type.IsGenericType
            && _genericInterfaces.TryGetValue(type.GetGenericTypeDefinition(), out var open))
        {
            return _interfaces.GetOrAdd(type, GrainInterface.Closed(type, open.Name, open.Version, open.Proxy));
        }

        return type == typeof(IAddressable) || type == typeof(IGrain)
            ? _interfaces.GetOrAdd(type, new GrainInterface(type, type.FullName!, 0, (k, key) => new(k, key)))
            : throw new ArgumentException(
                $"{type} is not a grain interface, or its project does not use the source generator.", nameof(type));
    }

    public GrainClass? ClassOf(GrainType grainType) => _classes.GetValueOrDefault(grainType);

    public IReadOnlyList<GrainClass> Implementing(Type interfaceType)
    {
        Include(interfaceType.Assembly);
        if (!_implementations.TryGetValue(interfaceType, out var classes)) return [];
        lock (classes) return [.. classes];
    }

    /// <summary>Assemblies loaded after the start, such as a test assembly's, are taken in here.</summary>
    public void IncludeLoaded()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) Include(assembly);
        if (Assembly.GetEntryAssembly() is { } entry) Include(entry);
    }

    public override void Serializable(Type type, string? alias, Func<Codec> codec)
    {
        Name(type, alias);
        _codecs[type] = codec;
    }

    public override void SerializableGeneric(Type openType, string? alias, Type openCodec)
    {
        Name(openType, alias);
        _genericCodecs[openType] = openCodec;
    }

    public override void Interface(Type type, string name, ushort version, ReferenceMaker make)
    {
        Name(type, name);
        _interfaces[type] = new(type, name, version, make);
    }

    public override void InterfaceGeneric(Type openType, string name, ushort version, Type openProxy)
    {
        Name(openType, name);
        _genericInterfaces[openType] = (name, version, openProxy);
    }

    public override void Named(Type type, string? name) => Name(type, name);

    public override void Converter(Type valueType, Func<Codec> codec) => Serializable(valueType, null, codec);

    public override void Grain(string grainType, Type grainClass, params Type[] interfaces)
    {
        var described = new GrainClass(GrainType.Create(grainType), grainClass, interfaces);
        if (!_classes.TryAdd(described.GrainType, described) && _classes[described.GrainType].Type != grainClass)
        {
            throw new OrleansConfigurationException(
                $"{grainClass} and {_classes[described.GrainType].Type} both have the grain type \"{grainType}\"; "
                + "give one of them another with [GrainType].");
        }

        foreach (var type in interfaces)
        {
            var classes = _implementations.GetOrAdd(type, static _ => []);
            lock (classes) classes.Add(described);
        }
    }

    private void Name(Type type, string? alias)
    {
        var name = alias ?? type.FullName!;
        _names[type] = name;
        if (!_types.TryAdd(name, type) && _types[name] != type)
            throw new OrleansConfigurationException($"{type} and {_types[name]} both have the alias \"{name}\".");
    }

    private void Include(Assembly assembly)
    {
        if (assembly.IsDynamic || assembly.FullName is not { } fullName || IsFramework(fullName)) return;
        if (_assemblies.ContainsKey(fullName)) return;
        lock (_including)
        {
            if (_assemblies.ContainsKey(fullName)) return;
            foreach (var part in assembly.GetCustomAttributes<ApplicationPartAttribute>())
                Include(Assembly.Load(part.AssemblyName));
            if (assembly.GetCustomAttribute<TypeManifestProviderAttribute>() is { } attribute)
                ((AssemblyManifest)Activator.CreateInstance(attribute.ProviderType)!).Describe(this);
            _assemblies[fullName] = true; // only now: others must not look before everything is entered
        }
    }

    private static bool IsFramework(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static Manifest Load()
    {
        var manifest = new Manifest();
        manifest.Include(typeof(Manifest).Assembly);
        manifest.Named(typeof(StreamFetch<>), null);
        manifest.IncludeLoaded();
        return manifest;
    }
}
