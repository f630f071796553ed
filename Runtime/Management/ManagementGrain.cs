using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime.MembershipService;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>One silo, seen from others.</summary>
internal interface ISiloControl : IGrainWithStringKey
{
    Task<DetailedGrainStatistic[]> Activations();

    Task<SiloRuntimeStatistics> Statistics();

    Task Collect(TimeSpan age);

    Task CollectGarbage();

    Task RemindersChanged(GrainId grain);

    /// <summary>There is a new version of the view; ends when this silo knows it.</summary>
    Task ViewChanged(int version);

    /// <summary>A silo has that many activations.</summary>
    [Concurrency.OneWay]
    Task Loaded(SiloAddress silo, int activations);
}

[GrainType(SystemGrains.SiloControlType), KeepAlive, Concurrency.Reentrant]
internal sealed class SiloControlGrain(SiloNode node) : Grain, ISiloControl
{
    public Task<DetailedGrainStatistic[]> Activations() => Task.FromResult(
        node.Catalog.All.Where(activation => !activation.IsEnding).Select(activation => new DetailedGrainStatistic
        {
            GrainType = activation.Class.Type.FullName!,
            SiloAddress = node.Address,
            GrainId = activation.GrainId,
        }).ToArray());

    public Task<SiloRuntimeStatistics> Statistics() => Task.FromResult(node.Pulse.Now());

    public Task Collect(TimeSpan age)
    {
        node.Collector.Collect(age);
        return Task.CompletedTask;
    }

    public Task CollectGarbage()
    {
        GC.Collect();
        return Task.CompletedTask;
    }

    public Task ViewChanged(int version) =>
        (node.Services.GetRequiredService<ICluster>() as TcpCluster)?.Membership.Heard(version) ?? Task.CompletedTask;

    public Task Loaded(SiloAddress silo, int activations)
    {
        node.Services.GetRequiredService<SiloLoads>().Set(silo, activations);
        return Task.CompletedTask;
    }

    public Task RemindersChanged(GrainId grain) =>
        node.Services.GetService<ReminderService>()?.Refresh(grain) ?? Task.CompletedTask;
}

[Concurrency.StatelessWorker]
internal sealed class ManagementGrain(ISiloStatusOracle silos, ICluster cluster) : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive) =>
        Task.FromResult(silos.GetApproximateSiloStatuses(onlyActive));

    public Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive) =>
        Task.FromResult(Entries().Where(entry => !onlyActive || entry.Status == SiloStatus.Active).ToArray());

    public Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds) =>
        Task.WhenAll(Controls(hostsIds).Select(silo => silo.Statistics()));

    public Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics() => GetSimpleGrainStatistics([]);

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds) =>
        [.. (await Activations(hostsIds)).GroupBy(a => (a.GrainType, a.SiloAddress)).Select(group =>
            new SimpleGrainStatistic
            {
                GrainType = group.Key.GrainType,
                SiloAddress = group.Key.SiloAddress,
                ActivationCount = group.Count(),
            })];

    public async Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types, SiloAddress[]? hostsIds) =>
        [.. (await Activations(hostsIds)).Where(a => types is null || types.Contains(a.GrainType))];

    public async Task<int> GetTotalActivationCount() => (await Activations(null)).Count;

    public async Task<int> GetGrainActivationCount(GrainReference grainReference) =>
        (await Activations(null)).Count(a => a.GrainId.Type.Equals(grainReference.GrainId.Type));

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference)
    {
        var id = reference.GetGrainId();
        if (Manifest.Current.ClassOf(id.Type)?.Traits.Workers is not null)
            throw new InvalidOperationException($"{id} is a stateless worker and has no one address.");
        return (await Activations(null)).FirstOrDefault(a => a.GrainId.Equals(id))?.SiloAddress;
    }

    public async ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        [.. (await Activations(null)).Where(a => a.GrainId.Type.Equals(type)).Select(a => a.GrainId).Distinct()];

    public Task ForceActivationCollection(TimeSpan ageLimit) => ForceActivationCollection([], ageLimit);

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        Task.WhenAll(Controls(hostsIds).Select(silo => silo.Collect(ageLimit)));

    public Task ForceGarbageCollection(SiloAddress[]? hostsIds) =>
        Task.WhenAll(Controls(hostsIds).Select(silo => silo.CollectGarbage()));

    // Without a table the silos are all that there is to tell.
    private IEnumerable<MembershipEntry> Entries() => cluster.Membership is TableMembership table
        ? table.View.Entries
        : cluster.Membership.Peers.Select(peer => new MembershipEntry
        {
            SiloAddress = peer.Address,
            SiloName = peer.Name,
            Status = peer.Status,
            StartTime = peer.StartTime,
        });

    // What the runtime itself needs is not counted.
    private async Task<List<DetailedGrainStatistic>> Activations(SiloAddress[]? hosts)
    {
        var all = await Task.WhenAll(Controls(hosts).Select(silo => silo.Activations()));
        return [.. all.SelectMany(silo => silo).Where(a => !SystemGrains.Is(a.GrainId))];
    }

    private IEnumerable<ISiloControl> Controls(SiloAddress[]? hosts) =>
        (hosts is { Length: > 0 } ? hosts : silos.GetActiveSilos())
            .Select(silo => GrainFactory.GetGrain<ISiloControl>(SystemGrains.ControlOf(silo)));
}
