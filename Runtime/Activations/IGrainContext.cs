using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>An activation, seen from the code that runs in it.</summary>
public interface IGrainContext : ITargetHolder, IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance of the grain class; null before it is made.</summary>
    object? GrainInstance { get; }

    /// <summary>Which activation of the grain.</summary>
    ActivationId ActivationId { get; }

    /// <summary>The grain, this activation, this silo.</summary>
    GrainAddress Address { get; }

    /// <summary>The services of this activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>The lifecycle of this activation.</summary>
    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Runs work in turns of this activation.</summary>
    IWorkItemScheduler Scheduler { get; }

    /// <summary>Ends when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Sets or removes a component.</summary>
    void SetComponent<TComponent>(TComponent? value) where TComponent : class;

    /// <summary>Takes a message.</summary>
    void ReceiveMessage(object message);

    /// <summary>Starts the activation.</summary>
    void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);

    /// <summary>Ends the activation once its running requests have ended.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

/// <summary>The current activation.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The activation whose turn this is.</summary>
    IGrainContext GrainContext { get; }
}

/// <summary>Runs work in turns.</summary>
public interface IWorkItemScheduler
{
    /// <summary>Queues an action.</summary>
    void QueueAction(Action action);

    /// <summary>Queues a task.</summary>
    void QueueTask(Task task);
}

/// <summary>The lifecycle of one activation.</summary>
public interface IGrainLifecycle : ILifecycleObservable;

/// <summary>The stages of the lifecycle of an activation.</summary>
public static class GrainLifecycleStage
{
    /// <summary>Before all.</summary>
    public const int First = int.MinValue;

    /// <summary>Persistent state is read.</summary>
    public const int SetupState = 1000;

    /// <summary>The grain activates.</summary>
    public const int Activate = 2000;

    /// <summary>After all.</summary>
    public const int Last = int.MaxValue;
}

internal static class GrainContextExtensions
{
    public static IGrainRuntime GetRuntime(this IGrainContext context) =>
        context.GetComponent<IGrainRuntime>()
        ?? (IGrainRuntime?)context.ActivationServices.GetService(typeof(IGrainRuntime))
        ?? throw new InvalidOperationException("This grain context belongs to no runtime.");
}
