using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime.Messaging;

/// <summary>What a letter is about.</summary>
internal enum LetterKind : byte
{
    /// <summary>A call that is answered.</summary>
    Request,

    /// <summary>A call that is not answered.</summary>
    OneWay,

    /// <summary>A result.</summary>
    Result,

    /// <summary>An exception.</summary>
    Error,

    /// <summary>The caller no longer waits.</summary>
    Cancel,

    /// <summary>The call is now with the silo that this letter is from; to its caller.</summary>
    SentOn,
}

/// <summary>What goes from one silo or client to another: a few words of address and a body in bytes.</summary>
internal sealed record Letter(
    LetterKind Kind, SiloAddress From, SiloAddress To, long CallId, GrainId Target, byte[] Body)
{
    /// <summary>The sender has chosen this silo for a new activation.</summary>
    public bool Placed { get; init; }

    /// <summary>How often it has been sent on.</summary>
    public int Forwards { get; init; }

    /// <summary>It has waited for a connection that broke before it was sent.</summary>
    public bool Retried { get; init; }

    /// <summary>How long the caller waits yet.</summary>
    public int SecondsLeft { get; init; } = int.MaxValue;
}

/// <summary>
/// Carries letters between silos. A letter that cannot be carried is given back to the sender by an
/// <see cref="OrleansMessageRejectionException"/>; a letter that was taken may still get lost.
/// </summary>
internal interface ISiloLink
{
    void Send(Letter letter);
}

/// <summary>Between requests and the bodies of letters.</summary>
internal static class RequestBody
{
    public static byte[] Write(Request request)
    {
        using var writer = new WireWriter();
        CodecTable.Of<Dictionary<string, object>>().Write(writer, request.Context is { } values ? new(values) : null!);
        CodecTable.Of<GrainId?>().Write(writer, request.SenderId);
        writer.Text(Serialization.TypeNames.Of(request.GetType()));
        writer.BeginObject();
        request.WriteArguments(writer);
        writer.EndObject();
        return writer.ToArray();
    }

    public static Request Read(Letter letter, Node node)
    {
        var reader = new WireReader(letter.Body, node);
        var context = CodecTable.Of<Dictionary<string, object>>().Read(ref reader);
        var sender = CodecTable.Of<GrainId?>().Read(ref reader);
        var type = Serialization.TypeNames.Resolve(reader.Text());
        var request = (Request)Activator.CreateInstance(type)!;
        reader.Begin(WireShape.Object);
        request.ReadArguments(ref reader);
        request.Target = letter.Target;
        request.SenderId = sender;
        request.Context = context is null
            ? null
            : System.Collections.Immutable.ImmutableDictionary.CreateRange(context);
        request.Placed = letter.Placed;
        request.Forwards = letter.Forwards;
        request.DueSecond = letter.SecondsLeft == int.MaxValue
            ? int.MaxValue
            : node.Calls.Second + letter.SecondsLeft;
        if (letter.Kind == LetterKind.Request) request.Remote = new(node, letter.From, letter.CallId);
        return request;
    }
}
