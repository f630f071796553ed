using Orleans.Concurrency;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

internal sealed class NullableCodec<T> : Codec<T?> where T : struct
{
    public override bool SharesValues => CodecTable.Of<T>().SharesValues;

    public override void Write(WireWriter writer, T? value)
    {
        if (value is { } present) CodecTable.Of<T>().Write(writer, present);
        else writer.Null();
    }

    // A present value is written with the shape of its own type, and no value type is written as null
    // except an absent immutable array: so a look at one byte tells.
    public override T? Read(ref WireReader reader)
    {
        var ahead = reader;
        if (ahead.Shape() != WireShape.Null) return CodecTable.Of<T>().Read(ref reader);
        reader = ahead;
        return null;
    }

    public override T? Copy(T? value) => value is { } present ? CodecTable.Of<T>().Copy(present) : null;
}

internal sealed class ImmutableWrapperCodec<T> : ValueCodec<Immutable<T>>
{
    public override void Write(WireWriter writer, Immutable<T> value) =>
        CodecTable.Of<T>().Write(writer, value.Value);

    public override Immutable<T> Read(ref WireReader reader) => new(CodecTable.Of<T>().Read(ref reader));
}

internal sealed class KeyValuePairCodec<TKey, TValue> : Codec<KeyValuePair<TKey, TValue>>
{
    public override bool SharesValues =>
        CodecTable.Of<TKey>().SharesValues
        && CodecTable.Of<TValue>().SharesValues;

    public override void Write(WireWriter writer, KeyValuePair<TKey, TValue> value)
    {
        writer.BeginSequence(2);
        CodecTable.Of<TKey>().Write(writer, value.Key);
        CodecTable.Of<TValue>().Write(writer, value.Value);
        writer.EndSequence();
    }

    public override KeyValuePair<TKey, TValue> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<TKey>().Read(ref reader);
        var item2 = CodecTable.Of<TValue>().Read(ref reader);
        reader.Leave();
        return new(item1, item2);
    }

    public override KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value) =>
        new(
            CodecTable.Of<TKey>().Copy(value.Key),
            CodecTable.Of<TValue>().Copy(value.Value));
}

internal sealed class ValueTuple2Codec<T1, T2> : Codec<ValueTuple<T1, T2>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues;

    public override void Write(WireWriter writer, ValueTuple<T1, T2> value)
    {
        writer.BeginSequence(2);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        writer.EndSequence();
    }

    public override ValueTuple<T1, T2> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        reader.Leave();
        return new(item1, item2);
    }

    public override ValueTuple<T1, T2> Copy(ValueTuple<T1, T2> value) =>
        new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2));
}

internal sealed class ValueTuple3Codec<T1, T2, T3> : Codec<ValueTuple<T1, T2, T3>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues
        && CodecTable.Of<T3>().SharesValues;

    public override void Write(WireWriter writer, ValueTuple<T1, T2, T3> value)
    {
        writer.BeginSequence(3);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        CodecTable.Of<T3>().Write(writer, value.Item3);
        writer.EndSequence();
    }

    public override ValueTuple<T1, T2, T3> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        var item3 = CodecTable.Of<T3>().Read(ref reader);
        reader.Leave();
        return new(item1, item2, item3);
    }

    public override ValueTuple<T1, T2, T3> Copy(ValueTuple<T1, T2, T3> value) =>
        new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2),
            CodecTable.Of<T3>().Copy(value.Item3));
}

internal sealed class ValueTuple4Codec<T1, T2, T3, T4> : Codec<ValueTuple<T1, T2, T3, T4>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues
        && CodecTable.Of<T3>().SharesValues
        && CodecTable.Of<T4>().SharesValues;

    public override void Write(WireWriter writer, ValueTuple<T1, T2, T3, T4> value)
    {
        writer.BeginSequence(4);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        CodecTable.Of<T3>().Write(writer, value.Item3);
        CodecTable.Of<T4>().Write(writer, value.Item4);
        writer.EndSequence();
    }

    public override ValueTuple<T1, T2, T3, T4> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        var item3 = CodecTable.Of<T3>().Read(ref reader);
        var item4 = CodecTable.Of<T4>().Read(ref reader);
        reader.Leave();
        return new(item1, item2, item3, item4);
    }

    public override ValueTuple<T1, T2, T3, T4> Copy(ValueTuple<T1, T2, T3, T4> value) =>
        new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2),
            CodecTable.Of<T3>().Copy(value.Item3),
            CodecTable.Of<T4>().Copy(value.Item4));
}

internal sealed class ValueTuple5Codec<T1, T2, T3, T4, T5> : Codec<ValueTuple<T1, T2, T3, T4, T5>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues
        && CodecTable.Of<T3>().SharesValues
        && CodecTable.Of<T4>().SharesValues
        && CodecTable.Of<T5>().SharesValues;

    public override void Write(WireWriter writer, ValueTuple<T1, T2, T3, T4, T5> value)
    {
        writer.BeginSequence(5);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        CodecTable.Of<T3>().Write(writer, value.Item3);
        CodecTable.Of<T4>().Write(writer, value.Item4);
        CodecTable.Of<T5>().Write(writer, value.Item5);
        writer.EndSequence();
    }

    public override ValueTuple<T1, T2, T3, T4, T5> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        var item3 = CodecTable.Of<T3>().Read(ref reader);
        var item4 = CodecTable.Of<T4>().Read(ref reader);
        var item5 = CodecTable.Of<T5>().Read(ref reader);
        reader.Leave();
        return new(item1, item2, item3, item4, item5);
    }

    public override ValueTuple<T1, T2, T3, T4, T5> Copy(ValueTuple<T1, T2, T3, T4, T5> value) =>
        new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2),
            CodecTable.Of<T3>().Copy(value.Item3),
            CodecTable.Of<T4>().Copy(value.Item4),
            CodecTable.Of<T5>().Copy(value.Item5));
}

internal sealed class Tuple2Codec<T1, T2> : Codec<Tuple<T1, T2>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues;

    public override void Write(WireWriter writer, Tuple<T1, T2> value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.BeginSequence(2);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        writer.EndSequence();
    }

    public override Tuple<T1, T2> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        reader.Leave();
        return new(item1, item2);
    }

    public override Tuple<T1, T2> Copy(Tuple<T1, T2> value) =>
        value is null ? value! : new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2));
}

internal sealed class Tuple3Codec<T1, T2, T3> : Codec<Tuple<T1, T2, T3>>
{
    public override bool SharesValues =>
        CodecTable.Of<T1>().SharesValues
        && CodecTable.Of<T2>().SharesValues
        && CodecTable.Of<T3>().SharesValues;

    public override void Write(WireWriter writer, Tuple<T1, T2, T3> value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.BeginSequence(3);
        CodecTable.Of<T1>().Write(writer, value.Item1);
        CodecTable.Of<T2>().Write(writer, value.Item2);
        CodecTable.Of<T3>().Write(writer, value.Item3);
        writer.EndSequence();
    }

    public override Tuple<T1, T2, T3> Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Sequence)) return default!;
        reader.Enter();
        reader.Length();
        var item1 = CodecTable.Of<T1>().Read(ref reader);
        var item2 = CodecTable.Of<T2>().Read(ref reader);
        var item3 = CodecTable.Of<T3>().Read(ref reader);
        reader.Leave();
        return new(item1, item2, item3);
    }

    public override Tuple<T1, T2, T3> Copy(Tuple<T1, T2, T3> value) =>
        value is null ? value! : new(
            CodecTable.Of<T1>().Copy(value.Item1),
            CodecTable.Of<T2>().Copy(value.Item2),
            CodecTable.Of<T3>().Copy(value.Item3));
}
