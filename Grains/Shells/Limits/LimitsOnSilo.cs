using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Storage;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Limits;

/// <summary>What a silo needs to hold named limits.</summary>
public static class LimitsOnSilo
{
    /// <param name="states">Of the store, which its owner closes after the silo.</param>
    /// <param name="newId">Makes unique ids.</param>
    public static ISiloBuilder AddLimits(this ISiloBuilder silo, IGrainStates states, Func<Guid> newId)
    {
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(LimitRecord.Storage, new LimitJson());
        silo.Services.TryAddSingleton<IHolders, RunsOfCluster>();
        silo.Services.AddSingleton(provider => new StoredLimits(states, provider.GetRequiredService<TimeProvider>(), newId));
        return silo.AddStoreGrainStorage(LimitRecord.Storage, states, newId);
    }
}
