using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// The observers of one node. Only a weak reference is kept: an observer lives as long as the application
/// holds it. Calls to one observer come one at a time.
/// </summary>
internal sealed class ObserverHosts(Node node)
{
    private readonly ConcurrentDictionary<GrainId, ObserverHost> _hosts = new();

    public object Add(IGrainObserver observer, Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (RuntimeContext.Current is Activation)
        {
            throw new InvalidOperationException(
                "An object reference cannot be made inside a grain; a grain passes this.AsReference<T>() instead.");
        }

        if (observer is GrainReference) throw new ArgumentException("This is a reference already.", nameof(observer));
        var id = SystemGrains.ObserverAt(node.Address);
        _hosts[id] = new(node, id, observer);
        return node.Bind(id, interfaceType);
    }

    public void Remove(GrainId id) => _hosts.TryRemove(id, out _);

    public void Receive(Request request)
    {
        if (_hosts.TryGetValue(request.Target, out var host) && host.Receive(request)) return;
        _hosts.TryRemove(request.Target, out _);
        request.Fail(new ClientNotAvailableException($"The observer {request.Target} is no longer there."));
    }
}

internal sealed class ObserverHost(Node node, GrainId id, IGrainObserver observer) : ITurnHost
{
    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private readonly TurnQueue _turns = new(null, node.Log);
    private readonly Queue<Request> _waiting = new();
    private bool _running;

    public Node Node => node;

    public IGrainContext? Context => null;

    public object? GetTarget() => _observer.TryGetTarget(out var target) ? target : null;

    public TComponent? GetComponent<TComponent>() where TComponent : class => null;

    public bool Receive(Request request)
    {
        if (!_observer.TryGetTarget(out _)) return false;
        request.Host = this;
        lock (_waiting)
        {
            if (_running && !request.AlwaysInterleaves)
            {
                _waiting.Enqueue(request);
                return true;
            }

            _running = true;
        }

        _turns.Post(request);
        return true;
    }

    public void Begin(Request request)
    {
        RequestContext.Values = request.Context;
        if (GetTarget() is not { } target)
        {
            request.Fail(new ClientNotAvailableException($"The observer {id} is no longer there."));
            Finished(request, null);
        }
        else if (node.IncomingFilters.Length == 0)
        {
            request.Start(this, target);
        }
        else
        {
            _ = request.StartFiltered(this, target);
        }
    }

    public void Finished(Request request, Exception? error)
    {
        Request? next;
        lock (_waiting)
        {
            if (!_waiting.TryDequeue(out next)) _running = false;
        }

        if (next is not null) _turns.Post(next);
    }
}
