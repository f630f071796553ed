using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;
using Orleans.Runtime.Messaging;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime;

/// <summary>An end of the network that calls and is called: a silo, or a client.</summary>
internal abstract class Node : IReferenceBinder, IDisposable
{
    // Short beside the time that it takes to declare a killed silo dead.
    private static readonly TimeSpan PauseBeforeRetry = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(GrainType, Type), ReferenceKind> _kinds = new();
    private readonly ConcurrentDictionary<long, Request> _sent = new();
    private readonly ConcurrentDictionary<(SiloAddress, long), Request> _received = new();
    private long _callId;

    protected Node(
        SiloAddress address, IServiceProvider services, TimeProvider time, TimeSpan responseTimeout, ILogger log)
    {
        Address = address;
        Services = services;
        Time = time;
        ResponseTimeout = responseTimeout;
        Log = log;
        Calls = new(time, EverySecond);
    }

    public SiloAddress Address { get; }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public TimeSpan ResponseTimeout { get; }

    public ILogger Log { get; }

    public CallsInFlight Calls { get; }

    /// <summary>How many requests it has sent elsewhere.</summary>
    public long SentCount => Volatile.Read(ref _callId);

    public IOutgoingGrainCallFilter[] OutgoingFilters { get; init; } = [];

    public IIncomingGrainCallFilter[] IncomingFilters { get; init; } = [];

    public ObserverHosts Observers => field ??= new(this);

    public ISiloLink? Link { get; set; }

    /// <summary>Brings a request to its target, here or elsewhere; every failure ends up in the request.</summary>
    public abstract void Route(Request request);

    /// <summary>
    /// A request could not be sent to that silo. So nothing has been done, and it is as if it had not been sent: until
    /// the membership has judged that silo it is tried again from time to time; then the grain has another place.
    /// </summary>
    protected virtual void Undelivered(Request request, SiloAddress to, SiloUnavailableException error)
    {
        if (request.IsOneWay && request.DueSecond is 0 or int.MaxValue)
            request.DueSecond = Calls.Second + (int)Math.Min(ResponseTimeout.TotalSeconds, int.MaxValue / 2);
        if (request.DueSecond < Calls.Second)
        {
            request.Fail(error);
            return;
        }

        if (request.Forwards > 0) request.Forwards--;
        request.Placed = false;
        request.SentTo = null;
        _ = RouteLater(request);
    }

    private async Task RouteLater(Request request)
    {
        await Task.Delay(PauseBeforeRetry, Time).ConfigureAwait(false);
        if (!request.IsSettled) Route(request);
    }

    protected virtual void EverySecond()
    {
    }

    public virtual void Dispose() => Calls.Dispose();

    public object Bind(GrainId grainId, Type interfaceType)
    {
        var kind = KindOf(grainId.Type, interfaceType);
        return kind.Interface.Make(kind, grainId.Key);
    }

    public ReferenceKind KindOf(GrainType grainType, Type interfaceType) =>
        _kinds.TryGetValue((grainType, interfaceType), out var known)
            ? known
            : _kinds.GetOrAdd((grainType, interfaceType),
                key => new ReferenceKind(this, Manifest.Current.InterfaceOf(key.Item2), key.Item1));

    public void SendRequest(Request request, SiloAddress to)
    {
        try
        {
            var id = Interlocked.Increment(ref _callId);
            var kind = request.IsOneWay ? LetterKind.OneWay : LetterKind.Request;
            var from = Address;
            if (request.Remote is { } remote)
            {
                // Sent on: the answer goes to the first sender directly.
                id = remote.CallId;
                from = remote.Address;
                _received.TryRemove((from, id), out _);
            }
            else if (kind == LetterKind.Request)
            {
                request.CallId = id;
                request.SentTo = to;
                _sent[id] = request;
                if (request.IsSettled) _sent.TryRemove(id, out _);
            }

            Post(new(kind, from, to, id, request.Target, RequestBody.Write(request))
            {
                Placed = request.Placed,
                Forwards = request.Forwards,
                SecondsLeft = request.IsOneWay || request.DueSecond == int.MaxValue
                    ? int.MaxValue
                    : Math.Max(1, request.DueSecond - Calls.Second),
            });
            if (kind == LetterKind.Request && request.Remote is { } caller && !IsFirstHop(request)) TellSentOn(caller, to);
        }
        catch (SiloUnavailableException error)
        {
            _sent.TryRemove(request.CallId, out _);
            Undelivered(request, to, error);
        }
        catch (Exception error)
        {
            _sent.TryRemove(request.CallId, out _);
            request.Fail(error);
        }
    }

    /// <summary>A link gives back a letter that it took and did not begin to send.</summary>
    public void Returned(Letter letter, Exception error)
    {
        if (error is not SiloUnavailableException gone || letter.Kind is not (LetterKind.Request or LetterKind.OneWay))
        {
            Undeliverable(letter, error);
            return;
        }

        if (letter.Kind == LetterKind.OneWay || !letter.From.Equals(Address))
            Undelivered(RequestBody.Read(letter, this), letter.To, gone);
        else if (_sent.TryRemove(letter.CallId, out var request)) Undelivered(request, letter.To, gone);
    }

    /// <summary>Ends all calls that wait for an answer.</summary>
    public void FailCalls(Exception error)
    {
        foreach (var call in Calls.Where(static _ => true)) call.Fail(error);
    }

    public void SendAnswer<T>(RemoteCaller caller, Request<T> request, T result)
    {
        byte[] body;
        try
        {
            using var writer = new WireWriter();
            request.WriteResult(writer, result);
            body = writer.ToArray();
        }
        catch (Exception error)
        {
            SendError(caller, error);
            return;
        }

        Answer(caller, LetterKind.Result, body);
    }

    public void SendError(RemoteCaller caller, Exception error)
    {
        using var writer = new WireWriter();
        try
        {
            CodecTable.WriteTyped(writer, error);
            Answer(caller, LetterKind.Error, writer.ToArray());
        }
        catch (Exception unwritable)
        {
            using var second = new WireWriter();
            CodecTable.WriteTyped(second, unwritable);
            Answer(caller, LetterKind.Error, second.ToArray());
        }
    }

    public void SendCancel(Request request)
    {
        _sent.TryRemove(request.CallId, out _);
        if (request.SentTo is not { } to) return;
        try
        {
            Post(new(LetterKind.Cancel, Address, to, request.CallId, request.Target, []));
        }
        catch (OrleansMessageRejectionException)
        {
            // Best effort: the callee is gone, and the caller no longer waits.
        }
    }

    // A gateway knows where it sends the calls of its clients.
    private static bool IsFirstHop(Request request) => request.Remote!.Address.IsClient && request.Forwards <= 1;

    // Whoever waits hears then when that silo dies, and a cancellation finds its way.
    private void TellSentOn(RemoteCaller caller, SiloAddress to)
    {
        try
        {
            Post(new(LetterKind.SentOn, to, caller.Address, caller.CallId, default, []));
        }
        catch (OrleansException)
        {
            // The caller has gone.
        }
    }

    private void MoveSent(Letter letter)
    {
        if (!_sent.TryGetValue(letter.CallId, out var request)) return;
        request.SentTo = letter.From;
        if (IsGone(letter.From)) SiloDied(letter.From);
    }

    protected virtual bool IsGone(SiloAddress silo) => false;

    public void Forget(Request request) => _sent.TryRemove(request.CallId, out _);

    /// <summary>A call that came is not answered, since nobody waits for it any more.</summary>
    public void ForgetReceived(RemoteCaller caller) => _received.TryRemove((caller.Address, caller.CallId), out _);

    /// <summary>Takes a letter in; called by the link.</summary>
    public virtual void Receive(Letter letter)
    {
        switch (letter.Kind)
        {
            case LetterKind.Request or LetterKind.OneWay: ReceiveRequest(letter); break;
            case LetterKind.SentOn: MoveSent(letter); break;
            case LetterKind.Cancel:
                if (_received.TryGetValue((letter.From, letter.CallId), out var running)) running.CancelCallee();
                break;
            default:
                if (_sent.TryRemove(letter.CallId, out var request)) ReceiveAnswer(letter, request);
                break;
        }
    }

    /// <summary>A silo has died: those who wait for it hear so, but for calls whose letters are still to be sent.</summary>
    public void SiloDied(SiloAddress silo, IReadOnlySet<(SiloAddress From, long CallId)>? unsent = null)
    {
        foreach (var call in Calls.Where(call =>
            silo.Equals(call.SentTo) && unsent?.Contains((Address, call.CallId)) is not true))
        {
            call.Fail(new SiloUnavailableException($"{silo} died while {call.Target} was called there."));
            Forget(call);
        }
    }

    /// <summary>A letter that a link took could not be delivered: whoever waits for its answer hears so.</summary>
    public void Undeliverable(Letter letter, Exception error)
    {
        if (letter.Kind != LetterKind.Request) return;
        if (!letter.From.Equals(Address)) SendError(new(this, letter.From, letter.CallId), error);
        else if (_sent.TryRemove(letter.CallId, out var request)) request.Fail(error);
    }

    /// <summary>The answer to a call of this node came and could not be taken.</summary>
    public void FailSent(long callId, Exception error)
    {
        if (_sent.TryRemove(callId, out var request)) request.Fail(error);
    }

    private void ReceiveRequest(Letter letter)
    {
        Request request;
        try
        {
            request = RequestBody.Read(letter, this);
        }
        catch (Exception error)
        {
            if (letter.Kind == LetterKind.Request) SendError(new(this, letter.From, letter.CallId), error);
            return;
        }

        if (request.IsCancellable && request.Remote is not null)
        {
            request.AllowCancellation();
            _received[(letter.From, letter.CallId)] = request;
        }

        Route(request);
    }

    private static void ReceiveAnswer(Letter letter, Request request)
    {
        try
        {
            var reader = new WireReader(letter.Body, request.Caller);
            if (letter.Kind == LetterKind.Result) request.ReadResult(ref reader);
            else request.Fail(CodecTable.Of<Exception>().Read(ref reader));
        }
        catch (Exception error)
        {
            request.Fail(error);
        }
    }

    private void Answer(RemoteCaller caller, LetterKind kind, byte[] body)
    {
        _received.TryRemove((caller.Address, caller.CallId), out _);
        try
        {
            Post(new(kind, Address, caller.Address, caller.CallId, default, body));
        }
        catch (Messaging.Tcp.MessageTooLargeException error) when (kind == LetterKind.Result)
        {
            SendError(caller, error);
        }
        catch (OrleansMessageRejectionException error)
        {
            Log.LogInformation(error, "An answer to {Caller} could not be sent.", caller.Address);
        }
    }

    private void Post(Letter letter) =>
        (Link ?? throw new SiloUnavailableException($"{Address} is not connected.")).Send(letter);
}
