using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>A call of a method that returns <see cref="Task{T}"/>.</summary>
public abstract class TaskRequest<T> : Request<T>
{
    private Task<T>? _running;

    /// <summary>Calls the method.</summary>
    protected abstract Task<T> Call(object target);

    /// <summary>Sends the call.</summary>
    public Task<T> Send(GrainReference reference) => SendCore(reference);

    private protected sealed override bool TryBegin(object target, out T result)
    {
        var running = Call(target);
        if (running.IsCompletedSuccessfully)
        {
            result = running.Result;
            return true;
        }

        _running = running;
        result = default!;
        return false;
    }

    private protected sealed override void WhenEnded(Action action) =>
        _running!.GetAwaiter().UnsafeOnCompleted(action);

    private protected sealed override T End() => _running!.GetAwaiter().GetResult();
}

/// <summary>A call of a method that returns <see cref="Task"/>.</summary>
public abstract class TaskRequest : Request<Nothing>
{
    private Task? _running;

    /// <summary>Calls the method.</summary>
    protected abstract Task Call(object target);

    /// <summary>Sends the call.</summary>
    public Task Send(GrainReference reference) => SendCore(reference);

    private protected sealed override bool TryBegin(object target, out Nothing result)
    {
        result = default;
        _running = Call(target);
        return _running.IsCompletedSuccessfully;
    }

    private protected sealed override void WhenEnded(Action action) =>
        _running!.GetAwaiter().UnsafeOnCompleted(action);

    private protected sealed override Nothing End()
    {
        _running!.GetAwaiter().GetResult();
        return default;
    }
}

/// <summary>A call of a method that returns <see cref="ValueTask{T}"/>.</summary>
public abstract class ValueTaskRequest<T> : Request<T>
{
    private ValueTask<T> _running;

    /// <summary>Calls the method.</summary>
    protected abstract ValueTask<T> Call(object target);

    /// <summary>Sends the call.</summary>
    public ValueTask<T> Send(GrainReference reference) => new(SendCore(reference));

    private protected sealed override bool TryBegin(object target, out T result)
    {
        var running = Call(target);
        if (running.IsCompletedSuccessfully)
        {
            result = running.Result;
            return true;
        }

        _running = running;
        result = default!;
        return false;
    }

    private protected sealed override void WhenEnded(Action action) =>
        _running.GetAwaiter().UnsafeOnCompleted(action);

    private protected sealed override T End() => _running.GetAwaiter().GetResult();
}

/// <summary>A call of a method that returns <see cref="ValueTask"/>.</summary>
public abstract class ValueTaskRequest : Request<Nothing>
{
    private ValueTask _running;

    /// <summary>Calls the method.</summary>
    protected abstract ValueTask Call(object target);

    /// <summary>Sends the call.</summary>
    public ValueTask Send(GrainReference reference) => new(SendCore(reference));

    private protected sealed override bool TryBegin(object target, out Nothing result)
    {
        result = default;
        var running = Call(target);
        if (running.IsCompletedSuccessfully)
        {
            running.GetAwaiter().GetResult();
            return true;
        }

        _running = running;
        return false;
    }

    private protected sealed override void WhenEnded(Action action) =>
        _running.GetAwaiter().UnsafeOnCompleted(action);

    private protected sealed override Nothing End()
    {
        _running.GetAwaiter().GetResult();
        return default;
    }
}

/// <summary>A call of a method that returns nothing: nobody waits for it.</summary>
public abstract class VoidRequest : Request<Nothing>
{
    /// <summary>Calls the method.</summary>
    protected abstract void Call(object target);

    /// <summary>Sends the call.</summary>
    public void Send(GrainReference reference) => _ = SendCore(reference);

    private protected sealed override bool TryBegin(object target, out Nothing result)
    {
        result = default;
        Call(target);
        return true;
    }

    private protected sealed override void WhenEnded(Action action) => action();

    private protected sealed override Nothing End() => default;
}
