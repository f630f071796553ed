using Orleans.Runtime;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>A member declared as an interface, an abstract class or object: the value says its own type.</summary>
internal sealed class BaseTypeCodec<T> : Codec<T> where T : class
{
    public override void Write(WireWriter writer, T value)
    {
        if (value is null) writer.Null();
        else CodecTable.WriteTyped(writer, value);
    }

    public override T Read(ref WireReader reader) =>
        reader.Begin(WireShape.Typed) ? (T)CodecTable.ReadTyped(ref reader, typeof(T))! : null!;

    // A plain object has no content: a lock or a mark.
    public override T Copy(T value)
    {
        if (value is null || value.GetType() == typeof(object)) return value!;
        return (T)CodecTable.Of(value.GetType()).CopyBoxed(value);
    }
}

/// <summary>A reference travels as its id and its interface and is bound again where it arrives.</summary>
internal sealed class ReferenceCodec<T> : Codec<T> where T : class
{
    public override bool SharesValues => true;

    public override Type ValueType =>
        typeof(GrainReference).IsAssignableFrom(typeof(T)) ? typeof(GrainReference) : typeof(T);

    public override void Write(WireWriter writer, T value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        var reference = Checked(value);
        writer.BeginSequence(2);
        CodecTable.Of<GrainId>().Write(writer, reference.GrainId);
        CodecTable.Of<string>().Write(writer, TypeNames.Of(reference.Interface.Type));
        writer.EndSequence();
    }

    public override T Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return null!;
        reader.Enter();
        reader.Length();
        var id = CodecTable.Of<GrainId>().Read(ref reader);
        var name = CodecTable.Of<string>().Read(ref reader);
        reader.Leave();
        if (reader.Binder is not { } binder)
            throw new SerializerException($"A reference to {id} was read where no runtime could bind it.");
        var interfaceType = TypeNames.Resolve(name);
        if (!typeof(T).IsAssignableFrom(interfaceType) && typeof(T).IsInterface) interfaceType = typeof(T);
        return (T)binder.Bind(id, interfaceType);
    }

    public override void WriteBoxed(WireWriter writer, object value) => Write(writer, (T)value);

    public override T Copy(T value) => value is null ? null! : (T)(object)Checked(value);

    private static GrainReference Checked(T value) =>
        value as GrainReference
        ?? throw new CodecNotFoundException(
            $"{value.GetType()} is passed where a reference to {typeof(T)} belongs: "
            + "use this.AsReference<T>() in a grain, IGrainFactory.CreateObjectReference<T>(observer) outside.");
}
