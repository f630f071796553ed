using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace OrleansEtl.Storage;

/// <summary>Keeps the states of grains in a store of ours.</summary>
public static class StorageSiloBuilderExtensions
{
    /// <param name="name">The provider's name in <c>[PersistentState("state", "name")]</c>.</param>
    /// <param name="states">Of the store, which its owner closes after the silo.</param>
    /// <param name="newId">Makes unique ids.</param>
    public static ISiloBuilder AddStoreGrainStorage(this ISiloBuilder builder, string name, IGrainStates states, Func<Guid> newId)
    {
        builder.Services.AddGrainStorage(name, (services, key) => new StoreGrainStorage(
            states,
            services.GetKeyedService<IGrainStorageSerializer>(key) ?? services.GetRequiredService<IGrainStorageSerializer>(),
            newId));
        return builder;
    }

    /// <summary>For <c>[PersistentState("state")]</c>, which names no provider.</summary>
    public static ISiloBuilder AddStoreGrainStorageAsDefault(this ISiloBuilder builder, IGrainStates states, Func<Guid> newId) =>
        builder.AddStoreGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, states, newId);
}
