using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Metadata;

/// <summary>A grain class. Its attributes are read when its first activation is made, not at start.</summary>
internal sealed class GrainClass(GrainType grainType, Type type, Type[] interfaces)
{
    private readonly Lazy<GrainTraits> _traits = new(() => GrainTraits.Read(type));

    public GrainType GrainType { get; } = grainType;

    public Type Type { get; } = type;

    public Type[] Interfaces { get; } = interfaces;

    public GrainTraits Traits => _traits.Value;

    public bool HasOwnAge => Type.IsDefined(typeof(CollectionAgeLimitAttribute), true);
}

/// <summary>What the attributes of a grain class say.</summary>
internal sealed record GrainTraits(
    bool Reentrant,
    Func<object, IInvokable, bool>? MayInterleave,
    TimeSpan? CollectionAge,
    PlacementStrategy? Placement)
{
    public StatelessWorkerPlacement? Workers => Placement as StatelessWorkerPlacement;

    public static GrainTraits Read(Type type)
    {
        TimeSpan? age = type.IsDefined(typeof(KeepAliveAttribute), true)
            ? Timeout.InfiniteTimeSpan
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>(true)?.AgeLimit;
        return new(
            type.IsDefined(typeof(ReentrantAttribute), true),
            type.GetCustomAttribute<MayInterleaveAttribute>(true) is { } named ? Predicate(type, named) : null,
            age,
            type.GetCustomAttribute<PlacementAttribute>(true)?.PlacementStrategy);
    }

    private static Func<object, IInvokable, bool> Predicate(Type type, MayInterleaveAttribute named)
    {
        const BindingFlags all = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public
            | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;
        var method = type.GetMethod(named.CallbackMethodName, all, [typeof(IInvokable)]);
        if (method is null || method.ReturnType != typeof(bool))
        {
            throw new InvalidOperationException(
                $"{type} has no method bool {named.CallbackMethodName}(IInvokable) that [MayInterleave] names.");
        }

        if (method.IsStatic)
        {
            var call = method.CreateDelegate<Func<IInvokable, bool>>();
            return (_, request) => call(request);
        }

        return (instance, request) => method.CreateDelegate<Func<IInvokable, bool>>(instance)(request);
    }
}
