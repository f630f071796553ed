using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>What incoming and outgoing calls have in common on their way through filters.</summary>
internal abstract class FilteredCall(Request request) : IGrainCallContext
{
    private Response? _response;

    public IInvokable Request => request;

    public abstract object Grain { get; }

    public GrainId? SourceId => request.SenderId;

    public GrainId TargetId => request.Target;

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(InterfaceName);

    public string InterfaceName => request.GetInterfaceName();

    public string MethodName => request.GetMethodName();

    public MethodInfo InterfaceMethod => request.GetMethod();

    public object? Result
    {
        get => _response?.Result;
        set => _response = Response.FromResult(value);
    }

    public Response? Response
    {
        get => _response;
        set => _response = value;
    }

    public abstract Task Invoke();

    protected void RequireResponse(object filter)
    {
        if (_response is null)
        {
            throw new InvalidOperationException(
                $"The filter {filter.GetType()} neither invoked {InterfaceName}.{MethodName} "
                + "nor set a result or response.");
        }
    }

    protected void ThrowIfFailed()
    {
        if (_response?.Exception is { } error) ExceptionDispatchInfo.Throw(error);
    }
}

internal sealed class IncomingCall(Request request, ITurnHost host, object target)
    : FilteredCall(request), IIncomingGrainCallContext
{
    private int _next;

    public override object Grain => target;

    public IGrainContext TargetContext => host.Context!;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var method = InterfaceMethod;
            if (!method.DeclaringType!.IsInstanceOfType(target)) return method;
            var map = target.GetType().GetInterfaceMap(method.DeclaringType!);
            var open = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, open)];
        }
    }

    public override async Task Invoke()
    {
        var filters = host.Node.IncomingFilters;
        var step = _next;
        var filter = step < filters.Length ? filters[step]
            : step == filters.Length ? target as IIncomingGrainCallFilter
            : null;
        if (filter is null)
        {
            Request.SetTarget(host);
            Response = await Request.Invoke();
            ThrowIfFailed();
            return;
        }

        _next = step + 1;
        try
        {
            await filter.Invoke(this);
        }
        finally
        {
            _next = step;
        }

        RequireResponse(filter);
    }
}

internal sealed class OutgoingCall : FilteredCall, IOutgoingGrainCallContext
{
    private readonly Node _node;
    private readonly Func<Request, Task<Response>> _post;
    private readonly Request _request;
    private int _next;
    private bool _sent;

    private OutgoingCall(Node node, Request request, Func<Request, Task<Response>> post) : base(request)
    {
        _node = node;
        _request = request;
        _post = post;
    }

    public override object Grain => _request.Reference!;

    public IGrainContext? SourceContext => _request.Sender;

    public static async Task<T> Run<T>(Node node, Request<T> request)
    {
        var call = new OutgoingCall(
            node, request, async r => Response.FromResult(await ((Request<T>)r).Post(node)));
        await call.Invoke();
        if (request.IsOneWay || request.ResultType is null)
        {
            call.ThrowIfFailed();
            return default!;
        }

        return call.Response!.GetResult<T>();
    }

    public override async Task Invoke()
    {
        var step = _next;
        if (step < _node.OutgoingFilters.Length)
        {
            var filter = _node.OutgoingFilters[step];
            _next = step + 1;
            await filter.Invoke(this);
            RequireResponse(filter);
            _next = step;
            return;
        }

        // A filter may try again: what was sent once is not sent twice as the same object.
        var request = _sent ? _request.Renewed() : _request;
        _sent = true;
        request.Context = RequestContext.Values;
        try
        {
            Response = await _post(request);
        }
        catch (Exception error)
        {
            Response = Response.FromException(error);
            throw;
        }
    }
}
