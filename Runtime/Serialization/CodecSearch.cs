using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Orleans.Concurrency;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Serialization.Codecs;

/// <summary>Finds or composes the codec of a type.</summary>
internal static class CodecSearch
{
    private static readonly FrozenDictionary<Type, Codec> BuiltIn = Primitives.All()
        .ToFrozenDictionary(codec => codec.ValueType);

    private static readonly FrozenDictionary<Type, Type> Generic = new Dictionary<Type, Type>
    {
        [typeof(Nullable<>)] = typeof(NullableCodec<>),
        [typeof(Immutable<>)] = typeof(ImmutableWrapperCodec<>),
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(HashSet<>)] = typeof(HashSetCodec<>),
        [typeof(SortedSet<>)] = typeof(SortedSetCodec<>),
        [typeof(Queue<>)] = typeof(QueueCodec<>),
        [typeof(Stack<>)] = typeof(StackCodec<>),
        [typeof(System.Collections.ObjectModel.ReadOnlyCollection<>)] = typeof(ReadOnlyCollectionCodec<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCodec<,>),
        [typeof(System.Collections.Concurrent.ConcurrentDictionary<,>)] = typeof(ConcurrentDictionaryCodec<,>),
        [typeof(KeyValuePair<,>)] = typeof(KeyValuePairCodec<,>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCodec<>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSetCodec<>),
        [typeof(ImmutableSortedSet<>)] = typeof(ImmutableSortedSetCodec<>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryCodec<,>),
        [typeof(ImmutableSortedDictionary<,>)] = typeof(ImmutableSortedDictionaryCodec<,>),
        [typeof(ValueTuple<,>)] = typeof(ValueTuple2Codec<,>),
        [typeof(ValueTuple<,,>)] = typeof(ValueTuple3Codec<,,>),
        [typeof(ValueTuple<,,,>)] = typeof(ValueTuple4Codec<,,,>),
        [typeof(ValueTuple<,,,,>)] = typeof(ValueTuple5Codec<,,,,>),
        [typeof(Tuple<,>)] = typeof(Tuple2Codec<,>),
        [typeof(Tuple<,,>)] = typeof(Tuple3Codec<,,>),
    }.ToFrozenDictionary();

    public static IEnumerable<Type> NamedTypes =>
    [
        .. BuiltIn.Keys, .. Generic.Keys, typeof(object), typeof(GrainReference), typeof(IAddressable), typeof(IGrain),
    ];

    public static Codec? Find(Type type)
    {
        if (BuiltIn.TryGetValue(type, out var codec)) return codec;
        if (type.IsEnum) return Make(typeof(EnumCodec<>), type);
        if (type.IsSZArray) return Make(typeof(ArrayCodec<>), type.GetElementType()!);
        if (Manifest.Current.FindCodec(type) is { } generated) return generated;
        if (type.IsGenericType && Generic.TryGetValue(type.GetGenericTypeDefinition(), out var open))
            return Make(open, type.GetGenericArguments());
        if (typeof(GrainReference).IsAssignableFrom(type) || IsGrainInterface(type))
            return Make(typeof(ReferenceCodec<>), type);
        if (typeof(IPAddress).IsAssignableFrom(type)) return BuiltIn[typeof(IPAddress)];
        if (typeof(Exception).IsAssignableFrom(type) && ExceptionCodec.Travels(type))
            return Make(typeof(ExceptionCodec<>), type);
        if (IsFrameworkHidden(type) is { } stand) return stand;
        if (type.IsAbstract || type == typeof(object)) return Make(typeof(BaseTypeCodec<>), type);
        return null;
    }

    private static bool IsGrainInterface(Type type) => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type);

    // Iterators over arrays and lists (collection expressions behind an interface, LINQ results) have no
    // public type to be read back as: Orleans refuses them, and so does this table.
    private static Codec? IsFrameworkHidden(Type type) =>
        type.FullName == "System.RuntimeType" ? new TypeCodec() : null;

    private static Codec Make(Type open, params Type[] arguments) =>
        (Codec)Activator.CreateInstance(open.MakeGenericType(arguments))!;
}
