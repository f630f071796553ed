using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Orleans.Serialization.Invocation;

/// <summary>Has the object that a request is for, and components beside it.</summary>
public interface ITargetHolder
{
    /// <summary>The grain instance.</summary>
    object? GetTarget();

    /// <summary>A component, such as an extension.</summary>
    TComponent? GetComponent<TComponent>() where TComponent : class;
}

/// <summary>A call as a value: which method, with which arguments.</summary>
public interface IInvokable : IDisposable
{
    /// <summary>The object that the call is for.</summary>
    object? GetTarget();

    /// <summary>Gives it its target.</summary>
    void SetTarget(ITargetHolder holder);

    /// <summary>Makes the call.</summary>
    ValueTask<Response> Invoke();

    /// <summary>How many parameters the method has.</summary>
    int GetArgumentCount();

    /// <summary>One argument.</summary>
    object? GetArgument(int index);

    /// <summary>Replaces one argument.</summary>
    void SetArgument(int index, object value);

    /// <summary>The name of the method.</summary>
    string GetMethodName();

    /// <summary>The name of the interface.</summary>
    string GetInterfaceName();

    /// <summary>The name of the call in traces.</summary>
    string GetActivityName();

    /// <summary>The interface.</summary>
    Type GetInterfaceType();

    /// <summary>The method of the interface.</summary>
    MethodInfo GetMethod();

    /// <summary>How long callers of this method wait, if it says so.</summary>
    TimeSpan? GetDefaultResponseTimeout();

    /// <summary>The token among the arguments.</summary>
    CancellationToken GetCancellationToken();

    /// <summary>Fires the token.</summary>
    bool TryCancel();

    /// <summary>Whether there is a token.</summary>
    bool IsCancellable { get; }
}

/// <summary>How a call ended: a result or an exception.</summary>
public abstract class Response : IDisposable
{
    /// <summary>Ended well, without a result.</summary>
    public static Response Completed { get; } = new Success<object?>(null);

    /// <summary>The result.</summary>
    public abstract object? Result { get; set; }

    /// <summary>What was thrown.</summary>
    public abstract Exception? Exception { get; set; }

    /// <summary>Ended with an exception.</summary>
    public static Response FromException(Exception exception) => new Failure(exception);

    /// <summary>Ended with a result.</summary>
    public static Response FromResult<TResult>(TResult value) => new Success<TResult>(value);

    /// <summary>The result as its type; throws the exception, if it ended with one.</summary>
    public abstract T GetResult<T>();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    private sealed class Success<TResult>(TResult value) : Response
    {
        private TResult _value = value;

        public override object? Result
        {
            get => _value;
            set => _value = (TResult)value!;
        }

        public override Exception? Exception
        {
            get => null;
            set => throw new InvalidOperationException("This response is a result, not an exception.");
        }

        public override T GetResult<T>() => _value is T result ? result : (T)(object?)_value!;
    }

    private sealed class Failure(Exception exception) : Response
    {
        public override object? Result
        {
            get
            {
                ExceptionDispatchInfo.Throw(Exception!);
                return null;
            }
            set => throw new InvalidOperationException("This response is an exception, not a result.");
        }

        public override Exception? Exception { get; set; } = exception;

        public override T GetResult<T>()
        {
            ExceptionDispatchInfo.Throw(Exception!);
            return default;
        }
    }
}
