using System.Collections.Immutable;
using System.Reflection;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime;

/// <summary>
/// One call: its arguments, its way and its end. Inside a silo the same object goes from the caller to the
/// activation and back; between silos each side has its own. However many ways a call can end – answer,
/// timeout, cancellation, lost silo – the first one settles it and the rest change nothing.
/// </summary>
public abstract class Request : IInvokable, IThreadPoolWorkItem, ITurn
{
    private int _settled;
    private CancellationTokenSource? _cancellation;
    private CancellationTokenRegistration _callerRegistration;
    private object? _target;

    internal GrainId Target;
    internal GrainReference? Reference;
    internal ITurnHost? Host;
    internal IGrainContext? Sender;
    internal GrainId? SenderId;
    internal ImmutableDictionary<string, object>? Context;
    internal Node? Caller;
    internal RemoteCaller? Remote;
    internal SiloAddress? SentTo;
    internal long CallId;
    internal int Forwards;
    internal bool Placed;

    // Links of the list of calls in flight, guarded by the list's lock.
    internal Request? EarlierCall;
    internal Request? LaterCall;
    internal int DueSecond;
    internal short InFlightShard = -1;

    /// <summary>What all calls of the method share.</summary>
    public abstract RequestShape Shape { get; }

    /// <summary>The caller's token; set by the proxy.</summary>
    public CancellationToken CallerToken { get; set; }

    /// <summary>The token that the callee sees.</summary>
    protected CancellationToken Token => _cancellation?.Token ?? CancellationToken.None;

    /// <inheritdoc/>
    public virtual bool IsCancellable => false;

    internal bool IsOneWay => (Shape.Traits & RequestTraits.OneWay) != 0;

    internal virtual bool AlwaysInterleaves => (Shape.Traits & RequestTraits.AlwaysInterleave) != 0;

    internal bool IsReadOnly => (Shape.Traits & RequestTraits.ReadOnly) != 0;

    internal bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>The caller, who is elsewhere, no longer waits.</summary>
    internal bool HasExpired => Remote is { } remote && DueSecond < remote.Here.Calls.Second;

    /// <summary>Whether running it keeps the activation from being idle.</summary>
    internal virtual bool CountsAsUse => true;

    /// <summary>Means nothing to another activation of the grain.</summary>
    internal virtual bool DiesWithActivation => false;

    /// <inheritdoc/>
    public abstract int GetArgumentCount();

    /// <inheritdoc/>
    public abstract object? GetArgument(int index);

    /// <inheritdoc/>
    public abstract void SetArgument(int index, object value);

    /// <summary>Writes the arguments as members of an object.</summary>
    public abstract void WriteArguments(WireWriter writer);

    /// <summary>Reads the arguments.</summary>
    public abstract void ReadArguments(ref WireReader reader);

    /// <summary>The object of the current call.</summary>
    public object? GetTarget() => _target;

    /// <inheritdoc/>
    public void SetTarget(ITargetHolder holder) => _target = TargetIn(holder);

    /// <inheritdoc/>
    public abstract ValueTask<Response> Invoke();

    /// <inheritdoc/>
    public string GetMethodName() => Shape.MethodName;

    /// <inheritdoc/>
    public string GetInterfaceName() => Shape.InterfaceName;

    /// <inheritdoc/>
    public string GetActivityName() => $"{Shape.InterfaceType.Name}/{Shape.MethodName}";

    /// <inheritdoc/>
    public Type GetInterfaceType() => Shape.InterfaceType;

    /// <inheritdoc/>
    public MethodInfo GetMethod() => Shape.Method;

    /// <inheritdoc/>
    public TimeSpan? GetDefaultResponseTimeout() => Shape.ResponseTimeout;

    /// <inheritdoc/>
    public CancellationToken GetCancellationToken() => _cancellation is null ? CallerToken : Token;

    /// <inheritdoc/>
    public bool TryCancel()
    {
        if (_cancellation is null) return false;
        _cancellation.Cancel();
        return true;
    }

    void IThreadPoolWorkItem.Execute() => Turns.Enter(this);

    void ITurn.Run() => DeliverOutcome();

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    internal abstract Type? ResultType { get; }

    /// <summary>Runs on the activation; ends in <see cref="ITurnHost.Finished"/> and an answer.</summary>
    internal abstract void Start(ITurnHost host, object target);

    /// <summary>Runs on the activation, through the incoming filters.</summary>
    internal abstract Task StartFiltered(ITurnHost host, object target);

    /// <summary>Ends the call with an exception, if it has not ended.</summary>
    internal abstract void Fail(Exception error);

    /// <summary>Ends the call with what came back from another silo.</summary>
    internal abstract void ReadResult(ref WireReader reader);

    internal abstract Request Renewed();

    private protected abstract void DeliverOutcome();

    internal object TargetIn(ITargetHolder holder)
    {
        var shape = Shape;
        if (!shape.IsExtension) return holder.GetTarget()!;
        return holder is Activation activation
            ? activation.Extension(shape.InterfaceType)
            : throw new GrainExtensionNotInstalledException($"{shape.InterfaceType} is not there.");
    }

    internal void AllowCancellation() => _cancellation ??= new();

    private protected void WatchCallerToken()
    {
        AllowCancellation();
        _callerRegistration = CallerToken.UnsafeRegister(
            static state => ((Request)state!).OnCallerCancelled(), this);
    }

    private protected bool TrySettle()
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0) return false;
        Caller?.Calls.Remove(this);
        if (CallerToken.CanBeCanceled) _callerRegistration.Unregister();
        return true;
    }

    // The caller goes on at once; the callee hears of it and may or may not stop.
    private void OnCallerCancelled()
    {
        Fail(new OperationCanceledException(CallerToken));
        if (SentTo is not null) Caller?.SendCancel(this);
        else CancelCallee();
    }

    // Not on the canceller's stack: the callee's registrations are none of its business.
    internal void CancelCallee() => _ = _cancellation?.CancelAsync();

    private protected Request CopyForResend()
    {
        var copy = (Request)MemberwiseClone();
        copy._settled = 0;
        copy._cancellation = null;
        copy._callerRegistration = default;
        copy._target = null;
        copy.EarlierCall = copy.LaterCall = null;
        copy.InFlightShard = -1;
        copy.SentTo = null;
        copy.CallId = 0;
        copy.Forwards = 0;
        return copy;
    }
}

/// <summary>The caller of a request that came from another silo.</summary>
internal sealed record RemoteCaller(Node Here, SiloAddress Address, long CallId);
