using System.Buffers.Binary;
using System.Text;

namespace Orleans.Serialization.Wire;

/// <summary>
/// Reads what <see cref="WireWriter"/> wrote. Bytes may come from outside: every length is checked
/// against what is left, so damaged input ends in <see cref="SerializerException"/>.
/// </summary>
public ref struct WireReader
{
    private const int DepthMax = 600;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _depth;

    /// <summary>Reads from the first byte; the binder turns references into live ones.</summary>
    public WireReader(ReadOnlySpan<byte> bytes, IReferenceBinder? binder = null)
    {
        _bytes = bytes;
        Binder = binder;
    }

    /// <summary>Binds grain references to the runtime that reads them.</summary>
    public IReferenceBinder? Binder { get; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _bytes.Length - _position;

    /// <summary>The shape of the value that follows.</summary>
    public WireShape Shape() => (WireShape)Byte();

    /// <summary>Reads the shape and says whether there is a value; another shape is an error.</summary>
    public bool Begin(WireShape expected)
    {
        var found = Shape();
        if (found == WireShape.Null) return false;
        if (found != expected) throw new SerializerException($"Found {found} where {expected} was expected.");
        return true;
    }

    /// <summary>The id of the next member; -1 = next level, -2 = end.</summary>
    public long Member() => (long)VarInt() - 2;

    /// <summary>One byte.</summary>
    public byte Byte() => _position < _bytes.Length ? _bytes[_position++] : throw Short();

    /// <summary>A number in groups of seven bits.</summary>
    public ulong VarInt()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        throw new SerializerException("A number has more than ten bytes.");
    }

    /// <summary>Four bytes.</summary>
    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Eight bytes.</summary>
    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A length and the bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Length());

    /// <summary>A length and the text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A count of values, each of which takes a byte at least.</summary>
    public int Length()
    {
        var length = VarInt();
        return length <= (ulong)Left ? (int)length : throw Short();
    }

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left) throw Short();
        var taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    /// <summary>Goes one level down; input that nests without end is refused.</summary>
    public void Enter()
    {
        if (++_depth > DepthMax) throw new SerializerException("The input is nested too deep.");
    }

    /// <summary>Comes back up.</summary>
    public void Leave() => _depth--;

    /// <summary>Steps over one value of any shape.</summary>
    public void Skip() => Skip(Shape());

    /// <summary>Steps over the body of a value.</summary>
    public void Skip(WireShape shape)
    {
        Enter();
        switch (shape)
        {
            case WireShape.Null: break;
            case WireShape.VarInt: VarInt(); break;
            case WireShape.Fixed32: Take(4); break;
            case WireShape.Fixed64: Take(8); break;
            case WireShape.Fixed128: Take(16); break;
            case WireShape.Bytes: Bytes(); break;
            case WireShape.Object: SkipMembers(); break;
            case WireShape.Sequence:
                for (var left = Length(); left > 0; left--) Skip();
                break;
            case WireShape.Typed:
                Bytes();
                Skip();
                break;
            default: throw new SerializerException($"Unknown shape {(byte)shape}.");
        }

        Leave();
    }

    /// <summary>Steps over members until the end of this level; says whether another level follows.</summary>
    public bool SkipLevel()
    {
        while (true)
        {
            var member = Member();
            if (member < 0) return member == -1;
            Skip();
        }
    }

    private void SkipMembers()
    {
        while (SkipLevel())
        {
        }
    }

    private readonly SerializerException Short() => new("The input ends in the middle of a value.");
}

/// <summary>Turns an id and an interface into a reference of the runtime that reads.</summary>
public interface IReferenceBinder
{
    /// <summary>The bound reference.</summary>
    object Bind(Orleans.Runtime.GrainId grainId, Type interfaceType);
}
