using System.Runtime.CompilerServices;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime;

/// <summary>A call with a result; calls without one have the result <see cref="Nothing"/>.</summary>
public abstract class Request<T> : Request
{
    private AsyncTaskMethodBuilder<T> _answer;
    private T? _result;
    private Exception? _error;

    internal override Type? ResultType => typeof(T) == typeof(Nothing) ? null : typeof(T);

    /// <summary>Makes the call; true if it has ended at once.</summary>
    private protected abstract bool TryBegin(object target, out T result);

    /// <summary>Calls back when it has ended.</summary>
    private protected abstract void WhenEnded(Action action);

    /// <summary>The result, or throws what the method threw.</summary>
    private protected abstract T End();

    private protected Task<T> SendCore(GrainReference reference)
    {
        var node = reference.Node;
        Reference = reference;
        Target = reference.GrainId;
        Sender = RuntimeContext.Current;
        SenderId = Sender?.GrainId;
        Context = RequestContext.Values;
        Caller = node;
        return node.OutgoingFilters.Length == 0 ? Post(node) : OutgoingCall.Run(node, this);
    }

    internal Task<T> Post(Node node)
    {
        if (CallerToken.IsCancellationRequested) return Task.FromCanceled<T>(CallerToken);
        if (IsOneWay)
        {
            node.Route(this);
            return Completed;
        }

        _answer = AsyncTaskMethodBuilder<T>.Create();
        var task = _answer.Task;
        node.Calls.Add(this, Shape.ResponseTimeout ?? node.ResponseTimeout);
        if (CallerToken.CanBeCanceled) WatchCallerToken();
        node.Route(this);
        return task;
    }

    private static Task<T> Completed { get; } = Task.FromResult<T>(default!);

    internal override Request Renewed() => CopyForResend();

    internal sealed override void Start(ITurnHost host, object target)
    {
        T result;
        try
        {
            if (!TryBegin(target, out result))
            {
                WhenEnded(OnEnded);
                return;
            }
        }
        catch (Exception error)
        {
            host.Finished(this, error);
            AnswerError(error);
            return;
        }

        host.Finished(this, null);
        Answer(result);
    }

    private void OnEnded()
    {
        T result;
        try
        {
            result = End();
        }
        catch (Exception error)
        {
            Host!.Finished(this, error);
            AnswerError(error);
            return;
        }

        Host!.Finished(this, null);
        Answer(result);
    }

    /// <inheritdoc/>
    public sealed override async ValueTask<Response> Invoke()
    {
        try
        {
            return Response.FromResult(await CallOn(GetTarget()!));
        }
        catch (Exception error)
        {
            return Response.FromException(error);
        }
    }

    private async ValueTask<T> CallOn(object target)
    {
        if (TryBegin(target, out var result)) return result;
        var ended = new TaskCompletionSource();
        WhenEnded(ended.SetResult);
        await ended.Task;
        return End();
    }

    internal sealed override async Task StartFiltered(ITurnHost host, object target)
    {
        var call = new IncomingCall(this, host, target);
        Exception? error = null;
        T? result = default;
        try
        {
            await call.Invoke();
            var response = call.Response!;
            error = response.Exception;
            if (error is null && ResultType is not null) result = response.GetResult<T>();
        }
        catch (Exception thrown)
        {
            error = thrown;
        }

        host.Finished(this, error);
        if (error is null) Answer(result!);
        else AnswerError(error);
    }

    private void Answer(T result)
    {
        if (IsOneWay) return;
        if (Remote is { } remote)
        {
            remote.Here.SendAnswer(remote, this, result);
            return;
        }

        try
        {
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()
                && (Shape.Traits & RequestTraits.ImmutableResult) == 0) result = CodecTable.Of<T>().Copy(result);
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }

        if (TrySettle())
        {
            _result = result;
            Turns.Schedule(this);
        }
    }

    private void AnswerError(Exception error)
    {
        if (IsOneWay) return;
        if (Remote is { } remote) remote.Here.SendError(remote, error);
        else Fail(error);
    }

    internal sealed override void Fail(Exception error)
    {
        if (IsOneWay) return;
        if (Remote is { } remote)
        {
            remote.Here.SendError(remote, error);
        }
        else if (TrySettle())
        {
            _error = error;
            Turns.Schedule(this);
        }
    }

    internal void WriteResult(WireWriter writer, T result) => CodecTable.Of<T>().Write(writer, result);

    internal sealed override void ReadResult(ref WireReader reader)
    {
        var result = CodecTable.Of<T>().Read(ref reader);
        if (!TrySettle()) return;
        _result = result;
        Turns.Schedule(this);
    }

    private protected sealed override void DeliverOutcome()
    {
        if (_error is null) _answer.SetResult(_result!);
        else _answer.SetException(_error);
    }
}

/// <summary>The result of a call that has none.</summary>
public readonly struct Nothing;
