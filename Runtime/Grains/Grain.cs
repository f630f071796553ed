using Orleans.Core;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What grain classes derive from.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly IGrainRuntime? _runtime;

    /// <summary>Works only while the runtime creates an activation.</summary>
    protected Grain() : this(
        RuntimeContext.Creating
        ?? throw new InvalidOperationException("A grain is created by the runtime; it cannot be constructed directly."))
    {
    }

    /// <summary>For unit tests: the context and runtime are given.</summary>
    protected Grain(IGrainContext grainContext, IGrainRuntime? grainRuntime = null)
    {
        GrainContext = grainContext;
        _runtime = grainRuntime;
    }

    /// <summary>The activation that this instance is.</summary>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Runtime.GrainFactory;

    /// <summary>The services of this activation, disposed with it.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>The grain id as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>The silo address as text.</summary>
    public string RuntimeIdentity => Runtime.SiloIdentity;

    internal IGrainRuntime Runtime => _runtime ?? GrainContext.GetRuntime();

    /// <summary>Runs before the first request.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last request; best effort.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Ends this activation once its running requests have ended.</summary>
    protected void DeactivateOnIdle() => Runtime.DeactivateOnIdle(GrainContext);

    /// <summary>Keeps this activation for that long, even if nobody calls it; zero or less takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Runtime.DelayDeactivation(GrainContext, timeSpan);
}

/// <summary>A grain with one state of its own, loaded before it activates.</summary>
public abstract class Grain<TState> : Grain
{
    private readonly IStorage<TState> _storage;

    /// <summary>Works only while the runtime creates an activation.</summary>
    protected Grain() => _storage = Runtime.GetStorage<TState>(GrainContext);

    /// <summary>For unit tests: the storage is given.</summary>
    protected Grain(IStorage<TState> storage) => _storage = storage;

    /// <summary>The state.</summary>
    protected TState State
    {
        get => _storage.State;
        set => _storage.State = value;
    }

    /// <summary>Reads the state again.</summary>
    protected virtual Task ReadStateAsync() => _storage.ReadStateAsync();

    /// <summary>Writes the state, conditional on what was read.</summary>
    protected virtual Task WriteStateAsync() => _storage.WriteStateAsync();

    /// <summary>Clears the state, conditional on what was read.</summary>
    protected virtual Task ClearStateAsync() => _storage.ClearStateAsync();
}
