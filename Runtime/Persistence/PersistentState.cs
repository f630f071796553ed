using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>This constructor parameter is a persistent state of the grain.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null)
    : Attribute, IPersistentStateConfiguration, IGrainFacet
{
    /// <inheritdoc/>
    public string? StateName { get; } = stateName;

    /// <inheritdoc/>
    public string? StorageName { get; } = storageName;

    object IGrainFacet.Make(IGrainContext context, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new ArgumentException(
                $"The parameter {parameter.Name} of {parameter.Member.DeclaringType} has [PersistentState] "
                + $"and must be an IPersistentState<T>, but is {type}.");
        }

        var name = string.IsNullOrWhiteSpace(StateName) ? parameter.Name! : StateName;
        return PersistentStates.Make(
            type.GetGenericArguments()[0], context, new PersistentStateNames(name, StorageName));
    }
}

internal sealed record PersistentStateNames(string? StateName, string? StorageName) : IPersistentStateConfiguration;

internal sealed class PersistentStateFactory : IPersistentStateFactory
{
    public IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config)
    {
        var storage = PersistentStates.ProviderOf(context, config.StorageName);
        var state = new PersistentState<TState>(config.StateName ?? "state", context, storage);
        context.ObservableLifecycle.Subscribe(
            $"{nameof(PersistentState<TState>)}.{config.StateName}", GrainLifecycleStage.SetupState,
            _ => state.ReadStateAsync());
        return state;
    }
}

internal static class PersistentStates
{
    private static readonly MethodInfo Create =
        typeof(IPersistentStateFactory).GetMethod(nameof(IPersistentStateFactory.Create))!;

    public static object Make(Type stateType, IGrainContext context, PersistentStateNames names)
    {
        var factory = context.ActivationServices.GetRequiredService<IPersistentStateFactory>();
        return Create.MakeGenericMethod(stateType).Invoke(
            factory, BindingFlags.DoNotWrapExceptions, null, [context, names], null)!;
    }

    public static IStorage<TState> OfGrainClass<TState>(Activation activation)
    {
        var named = activation.Class.Type.GetCustomAttribute<Providers.StorageProviderAttribute>(true)?.ProviderName;
        return activation.ActivationServices.GetRequiredService<IPersistentStateFactory>()
            .Create<TState>(activation, new PersistentStateNames("state", named));
    }

    public static IGrainStorage ProviderOf(IGrainContext context, string? name) =>
        (name is null
            ? context.ActivationServices.GetService<IGrainStorage>()
            : context.ActivationServices.GetKeyedService<IGrainStorage>(name))
        ?? throw new BadProviderConfigException(name is null
            ? $"{context.GrainId} has a persistent state without a provider name, "
              + "and no default storage provider is registered."
            : $"{context.GrainId} has a persistent state in the storage provider \"{name}\", "
              + "and none of that name is registered.");
}

/// <summary>
/// The state of one activation and its place in a store. Storage calls of one state must not run at the same
/// time; failures that are not the runtime's own are wrapped, conflicts are passed on as they are.
/// </summary>
internal sealed class PersistentState<TState>(string name, IGrainContext context, IGrainStorage storage)
    : IPersistentState<TState>
{
    private static readonly ConstructorInfo? Constructor = typeof(TState).GetConstructor(Type.EmptyTypes);

    private GrainState<TState>? _state;

    public TState State
    {
        get => Loaded.State;
        set => Loaded.State = value;
    }

    public string? Etag => _state?.ETag;

    public bool RecordExists => Loaded.RecordExists;

    private GrainState<TState> Loaded =>
        _state ?? throw new InvalidOperationException(
            $"The state \"{name}\" of {context.GrainId} is not loaded yet; it is there from OnActivateAsync on.");

    public Task ReadStateAsync()
    {
        // The state that is there stays until the read has succeeded.
        var read = new GrainState<TState>(NewState(), _state?.ETag!);
        return Guarded("read", read, async () =>
        {
            await storage.ReadStateAsync(name, context.GrainId, read);
            read.State ??= NewState();
            _state = read;
        });
    }

    public Task WriteStateAsync() =>
        Guarded("written", Loaded, () => storage.WriteStateAsync(name, context.GrainId, Loaded));

    public Task ClearStateAsync() => Guarded("cleared", Loaded, async () =>
    {
        await storage.ClearStateAsync(name, context.GrainId, Loaded);
        Loaded.State ??= NewState();
    });

    private async Task Guarded(string what, GrainState<TState> state, Func<Task> action)
    {
        Debug.Assert(state is not null);
        try
        {
            await action();
        }
        catch (Exception error) when (error is not OrleansException)
        {
            throw new OrleansException(
                $"The state \"{name}\" of {context.GrainId} could not be {what}: {error.Message}", error);
        }
    }

    private static TState NewState() =>
        typeof(TState).IsValueType ? default!
        : typeof(TState) == typeof(string) || typeof(TState).IsAbstract || typeof(TState).IsArray ? default!
        : Constructor is not null ? (TState)Constructor.Invoke(null)
        : (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState));
}
