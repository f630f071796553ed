using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>
/// Exceptions of the framework and of the runtime travel by type name with message, stack, inner exception,
/// HResult and Data; others need a generated serializer, whose first level is <see cref="ExceptionLevels"/>.
/// </summary>
internal static class ExceptionCodec
{
    private static readonly string[] Namespaces = ["System", "Microsoft", "Azure", "Orleans"];

    public static bool Travels(Type type) =>
        type.Namespace is { } space
        && Array.Exists(Namespaces, known => space == known || space.StartsWith(known + ".", StringComparison.Ordinal));

    public static Type? FrameworkException(string name)
    {
        var found = Type.GetType(name)
            ?? AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetType(name)).FirstOrDefault(t => t is not null);
        return found is not null && typeof(Exception).IsAssignableFrom(found) && Travels(found) ? found : null;
    }
}

/// <summary>The members that every exception has.</summary>
public sealed class ExceptionLevels : ObjectCodec<Exception>
{
    private static readonly FieldInfo Message = Field("_message");
    private static readonly FieldInfo Inner = Field("_innerException");
    private static readonly FieldInfo Result = Field("_HResult");

    /// <inheritdoc/>
    protected override Exception Create() => new();

    /// <inheritdoc/>
    public override void WriteLevels(WireWriter writer, Exception value)
    {
        writer.Member(0);
        CodecTable.Of<string>().Write(writer, value.Message);
        writer.Member(1);
        CodecTable.Of<string>().Write(writer, value.StackTrace!);
        writer.Member(2);
        CodecTable.Of<Exception>().Write(writer, value.InnerException!);
        writer.Member(3);
        CodecTable.Of<int>().Write(writer, value.HResult);
        writer.Member(4);
        CodecTable.Of<Dictionary<string, string>>().Write(writer, TextsOf(value));
        if (value is AggregateException aggregate)
        {
            writer.Member(5);
            CodecTable.Of<Exception[]>().Write(writer, [.. aggregate.InnerExceptions]);
        }
    }

    /// <inheritdoc/>
    public override bool ReadLevels(ref WireReader reader, ref Exception value)
    {
        while (true)
        {
            switch (reader.Member())
            {
                case 0: Message.SetValue(value, CodecTable.Of<string>().Read(ref reader)); break;
                case 1:
                    if (CodecTable.Of<string>().Read(ref reader) is { } stack)
                        ExceptionDispatchInfo.SetRemoteStackTrace(value, stack);
                    break;
                case 2: Inner.SetValue(value, CodecTable.Of<Exception>().Read(ref reader)); break;
                case 3: Result.SetValue(value, CodecTable.Of<int>().Read(ref reader)); break;
                case 4:
                    foreach (var (key, text) in CodecTable.Of<Dictionary<string, string>>().Read(ref reader))
                        value.Data[key] = text;
                    break;
                case 5: value = new AggregateException(CodecTable.Of<Exception[]>().Read(ref reader)); break;
                case -1: return true;
                case -2: return false;
                default: reader.Skip(); break;
            }
        }
    }

    /// <inheritdoc/>
    public override void CopyLevels(Exception from, ref Exception to)
    {
        Message.SetValue(to, from.Message);
        Inner.SetValue(to, from.InnerException);
        Result.SetValue(to, from.HResult);
    }

    private static Dictionary<string, string> TextsOf(Exception value)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in value.Data)
        {
            if (entry is { Key: string key, Value: { } item }) texts[key] = item.ToString() ?? "";
        }

        return texts;
    }

    private static FieldInfo Field(string name) =>
        typeof(Exception).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingFieldException(nameof(Exception), name);
}

/// <summary>One exception type of the framework or of the runtime.</summary>
internal sealed class ExceptionCodec<T> : ObjectCodec<T> where T : Exception
{
    private readonly ExceptionLevels _levels = new();

    protected override bool IsImmutable => true;

    protected override T Create()
    {
        // Exceptions with a constructor have their Data and similar made ready; the rest does without.
        if (typeof(T).GetConstructor(Type.EmptyTypes) is not null) return Activator.CreateInstance<T>();
        return (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }

    public override void WriteLevels(WireWriter writer, T value)
    {
        _levels.WriteLevels(writer, value);
        if (value is Orleans.Storage.InconsistentStateException conflict)
        {
            writer.NextLevel();
            conflict.WriteEtags(writer);
        }
    }

    public override bool ReadLevels(ref WireReader reader, ref T value)
    {
        Exception plain = value;
        var more = _levels.ReadLevels(ref reader, ref plain);
        value = (T)plain;
        return more && value is Orleans.Storage.InconsistentStateException conflict
            ? conflict.ReadEtags(ref reader)
            : more;
    }

    public override void CopyLevels(T from, ref T to) => to = from;
}
