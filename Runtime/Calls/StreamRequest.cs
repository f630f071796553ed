using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime;

/// <summary>
/// A call of a method that returns <see cref="IAsyncEnumerable{T}"/>. It is never sent by itself: the first
/// fetch carries it, so nothing happens before the first element is asked for.
/// </summary>
public abstract class StreamRequest<T> : Request<Nothing>
{
    /// <summary>Calls the method.</summary>
    protected abstract IAsyncEnumerable<T> Call(object target);

    /// <summary>The results, fetched on demand.</summary>
    public IAsyncEnumerable<T> Send(GrainReference reference) => new GrainStream<T>(this, reference);

    internal IAsyncEnumerable<T> Open(object target) => Call(target);

    internal CancellationToken StreamToken => Token;

    private protected sealed override bool TryBegin(object target, out Nothing result) =>
        throw new InvalidOperationException("A stream is fetched, not called.");

    private protected sealed override void WhenEnded(Action action) =>
        throw new InvalidOperationException("A stream is fetched, not called.");

    private protected sealed override Nothing End() =>
        throw new InvalidOperationException("A stream is fetched, not called.");
}

/// <summary>What a fetch brings.</summary>
internal enum StreamStatus
{
    More,
    Ended,
    Unknown,
}

[GenerateSerializer, Immutable]
internal sealed record StreamBatch<T>(StreamStatus Status, T[] Items);

/// <summary>The calls behind streams; they interleave with everything.</summary>
internal interface IStreamExtension : IGrainExtension
{
    [Concurrency.AlwaysInterleave]
    Task Stop(Guid id);
}

/// <summary>Fetches the next elements; the first fetch of a stream carries the request that opens it.</summary>
internal sealed class StreamFetch<T> : TaskRequest<StreamBatch<T>>
{
    private static readonly RequestShape TheShape = new(
        typeof(IStreamExtension), "Orleans.Runtime.IAsyncEnumerableGrainExtension", "MoveNext", [], 0,
        RequestTraits.AlwaysInterleave | RequestTraits.ImmutableResult, null);

    public Guid Id { get; set; }

    public StreamRequest<T>? Opening { get; set; }

    public int ItemsMax { get; set; }

    public override RequestShape Shape => TheShape;

    public override bool IsCancellable => true;

    public override int GetArgumentCount() => 2;

    public override object? GetArgument(int index) => index == 0 ? Id : Opening;

    public override void SetArgument(int index, object value) =>
        throw new InvalidOperationException("The arguments of a fetch are not replaceable.");

    public override void WriteArguments(WireWriter writer)
    {
        writer.Member(0);
        CodecTable.Of<Guid>().Write(writer, Id);
        writer.Member(1);
        CodecTable.Of<int>().Write(writer, ItemsMax);
        if (Opening is null) return;
        writer.Member(2);
        writer.Typed(Serialization.TypeNames.Of(Opening.GetType()));
        writer.BeginObject();
        Opening.WriteArguments(writer);
        writer.EndObject();
    }

    public override void ReadArguments(ref WireReader reader)
    {
        while (true)
        {
            switch (reader.Member())
            {
                case 0: Id = CodecTable.Of<Guid>().Read(ref reader); break;
                case 1: ItemsMax = CodecTable.Of<int>().Read(ref reader); break;
                case 2:
                    reader.Begin(WireShape.Typed);
                    Opening = (StreamRequest<T>)Activator.CreateInstance(
                        Serialization.TypeNames.Resolve(reader.Text()))!;
                    reader.Begin(WireShape.Object);
                    Opening.ReadArguments(ref reader);
                    break;
                case < 0: return;
                default: reader.Skip(); break;
            }
        }
    }

    protected override Task<StreamBatch<T>> Call(object target) =>
        ((StreamExtension)target).Fetch(Id, Opening, ItemsMax);
}
