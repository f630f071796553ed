using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>Any collection: written as a sequence of its elements, made again from an array of them.</summary>
internal abstract class CollectionCodec<TCollection, TElement> : Codec<TCollection>
    where TCollection : IEnumerable<TElement>
{
    private static Codec<TElement> Element => CodecTable.Of<TElement>();

    // A collection that never changes, of elements that never change.
    protected virtual bool NeverChanges => false;

    public sealed override bool SharesValues => NeverChanges && Element.SharesValues;

    protected abstract int Count(TCollection value);

    protected abstract TCollection Build(TElement[] elements, TCollection? like);

    protected virtual bool IsAbsent(TCollection value) => value is null;

    public sealed override void Write(WireWriter writer, TCollection value)
    {
        if (IsAbsent(value))
        {
            writer.Null();
            return;
        }

        var element = Element;
        writer.BeginSequence(Count(value));
        foreach (var item in value) element.Write(writer, item);
        writer.EndSequence();
    }

    public sealed override TCollection Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        var element = Element;
        var items = new TElement[reader.Length()];
        for (var i = 0; i < items.Length; i++) items[i] = element.Read(ref reader);
        reader.Leave();
        return Build(items, default);
    }

    public sealed override TCollection Copy(TCollection value)
    {
        if (IsAbsent(value) || SharesValues) return value;
        var element = Element;
        var items = new TElement[Count(value)];
        var i = 0;
        foreach (var item in value) items[i++] = element.Copy(item);
        return Build(items, value);
    }
}

internal sealed class ArrayCodec<T> : CollectionCodec<T[], T>
{
    protected override int Count(T[] value) => value.Length;

    protected override T[] Build(T[] elements, T[]? like) => elements;
}

internal sealed class ListCodec<T> : CollectionCodec<List<T>, T>
{
    protected override int Count(List<T> value) => value.Count;

    protected override List<T> Build(T[] elements, List<T>? like) => [.. elements];
}

internal sealed class HashSetCodec<T> : CollectionCodec<HashSet<T>, T>
{
    protected override int Count(HashSet<T> value) => value.Count;

    protected override HashSet<T> Build(T[] elements, HashSet<T>? like) => new(elements, like?.Comparer);
}

internal sealed class SortedSetCodec<T> : CollectionCodec<SortedSet<T>, T>
{
    protected override int Count(SortedSet<T> value) => value.Count;

    protected override SortedSet<T> Build(T[] elements, SortedSet<T>? like) => new(elements, like?.Comparer);
}

internal sealed class QueueCodec<T> : CollectionCodec<Queue<T>, T>
{
    protected override int Count(Queue<T> value) => value.Count;

    protected override Queue<T> Build(T[] elements, Queue<T>? like) => new(elements);
}

internal sealed class StackCodec<T> : CollectionCodec<Stack<T>, T>
{
    protected override int Count(Stack<T> value) => value.Count;

    protected override Stack<T> Build(T[] elements, Stack<T>? like)
    {
        Array.Reverse(elements);
        return new(elements);
    }
}

internal sealed class ReadOnlyCollectionCodec<T> : CollectionCodec<ReadOnlyCollection<T>, T>
{
    protected override int Count(ReadOnlyCollection<T> value) => value.Count;

    protected override ReadOnlyCollection<T> Build(T[] elements, ReadOnlyCollection<T>? like) => new(elements);
}

internal sealed class DictionaryCodec<TKey, TValue>
    : CollectionCodec<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    protected override int Count(Dictionary<TKey, TValue> value) => value.Count;

    protected override Dictionary<TKey, TValue> Build(
        KeyValuePair<TKey, TValue>[] elements, Dictionary<TKey, TValue>? like) => new(elements, like?.Comparer);
}

internal sealed class SortedDictionaryCodec<TKey, TValue>
    : CollectionCodec<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    protected override int Count(SortedDictionary<TKey, TValue> value) => value.Count;

    protected override SortedDictionary<TKey, TValue> Build(
        KeyValuePair<TKey, TValue>[] elements, SortedDictionary<TKey, TValue>? like) =>
        new(new Dictionary<TKey, TValue>(elements), like?.Comparer);
}

internal sealed class ConcurrentDictionaryCodec<TKey, TValue>
    : CollectionCodec<ConcurrentDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    protected override int Count(ConcurrentDictionary<TKey, TValue> value) => value.Count;

    protected override ConcurrentDictionary<TKey, TValue> Build(
        KeyValuePair<TKey, TValue>[] elements, ConcurrentDictionary<TKey, TValue>? like) => new(elements);
}

internal sealed class ImmutableArrayCodec<T> : CollectionCodec<ImmutableArray<T>, T>
{
    protected override bool NeverChanges => true;

    protected override bool IsAbsent(ImmutableArray<T> value) => value.IsDefault;

    protected override int Count(ImmutableArray<T> value) => value.Length;

    protected override ImmutableArray<T> Build(T[] elements, ImmutableArray<T> like) =>
        System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(elements);
}

internal sealed class ImmutableListCodec<T> : CollectionCodec<ImmutableList<T>, T>
{
    protected override bool NeverChanges => true;

    protected override int Count(ImmutableList<T> value) => value.Count;

    protected override ImmutableList<T> Build(T[] elements, ImmutableList<T>? like) => [.. elements];
}

internal sealed class ImmutableHashSetCodec<T> : CollectionCodec<ImmutableHashSet<T>, T>
{
    protected override bool NeverChanges => true;

    protected override int Count(ImmutableHashSet<T> value) => value.Count;

    protected override ImmutableHashSet<T> Build(T[] elements, ImmutableHashSet<T>? like) =>
        ImmutableHashSet.CreateRange(like?.KeyComparer, elements);
}

internal sealed class ImmutableSortedSetCodec<T> : CollectionCodec<ImmutableSortedSet<T>, T>
{
    protected override bool NeverChanges => true;

    protected override int Count(ImmutableSortedSet<T> value) => value.Count;

    protected override ImmutableSortedSet<T> Build(T[] elements, ImmutableSortedSet<T>? like) =>
        ImmutableSortedSet.CreateRange(like?.KeyComparer, elements);
}

internal sealed class ImmutableDictionaryCodec<TKey, TValue>
    : CollectionCodec<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    protected override bool NeverChanges => true;

    protected override int Count(ImmutableDictionary<TKey, TValue> value) => value.Count;

    protected override ImmutableDictionary<TKey, TValue> Build(
        KeyValuePair<TKey, TValue>[] elements, ImmutableDictionary<TKey, TValue>? like) =>
        ImmutableDictionary.CreateRange(like?.KeyComparer, elements);
}

internal sealed class ImmutableSortedDictionaryCodec<TKey, TValue>
    : CollectionCodec<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> where TKey : notnull
{
    protected override bool NeverChanges => true;

    protected override int Count(ImmutableSortedDictionary<TKey, TValue> value) => value.Count;

    protected override ImmutableSortedDictionary<TKey, TValue> Build(
        KeyValuePair<TKey, TValue>[] elements, ImmutableSortedDictionary<TKey, TValue>? like) =>
        ImmutableSortedDictionary.CreateRange(like?.KeyComparer, elements);
}
