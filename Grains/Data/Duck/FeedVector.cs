using System.Runtime.CompilerServices;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>A column of the chunk that a feed fills; only to be used while it is filled. Values go in by the row, in
/// order, as the engine keeps them.</summary>
public sealed unsafe class FeedVector
{
    private readonly nint _vector;
    private byte* _data;
    private ulong* _validity;
    private FeedVector? _items;
    private long _itemCount;
    private long _itemRoom;

    internal FeedVector(nint vector)
    {
        _vector = vector;
        _data = (byte*)DuckNative.VectorData(vector);
    }

    /// <summary>A value whose layout is the engine's own: numbers, days, microseconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set<T>(int row, T value) where T : unmanaged => ((T*)_data)[row] = value;

    /// <summary>Text as valid UTF-8, or the bytes of a BLOB; copied.</summary>
    public void SetBytes(int row, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            byte none = 0;
            DuckNative.AssignText(_vector, (ulong)row, start is null ? &none : start, (ulong)bytes.Length);
        }
    }

    public void SetNull(int row)
    {
        if (_validity is null)
        {
            DuckNative.EnsureValidityWritable(_vector);
            _validity = DuckNative.VectorValidity(_vector);
        }

        _validity[row >> 6] &= ~(1UL << (row & 63));
    }

    /// <summary>Begins a list of that many items at the row; the items are set behind the offset.</summary>
    public (FeedVector Items, int Offset) SetList(int row, int length)
    {
        var offset = _itemCount;
        _itemCount += length;
        if (_itemCount > _itemRoom)
        {
            // Growing moves the items' memory: what pointed there is taken anew.
            _itemRoom = Math.Max(_itemCount, 2 * _itemRoom);
            if (DuckNative.ListReserve(_vector, (ulong)_itemRoom) != DuckNative.Success) throw new OutOfMemoryException();
            _items?.Refresh();
        }

        _ = DuckNative.ListSetSize(_vector, (ulong)_itemCount);
        ((long*)_data)[2 * row] = offset;
        ((long*)_data)[2 * row + 1] = length;
        return (_items ??= new FeedVector(DuckNative.ListChild(_vector)), checked((int)offset));
    }

    private void Refresh()
    {
        _data = (byte*)DuckNative.VectorData(_vector);
        _validity = null;
    }
}
