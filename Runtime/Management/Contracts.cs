namespace Orleans.Runtime;

/// <summary>How many activations of a class a silo has.</summary>
[GenerateSerializer]
public class SimpleGrainStatistic
{
    /// <summary>The full name of the class.</summary>
    [Id(0)]
    public string GrainType { get; set; } = "";

    /// <summary>The silo.</summary>
    [Id(1)]
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>How many.</summary>
    [Id(2)]
    public int ActivationCount { get; set; }
}

/// <summary>One activation.</summary>
[GenerateSerializer]
public class DetailedGrainStatistic
{
    /// <summary>The full name of the class.</summary>
    [Id(0)]
    public string GrainType { get; set; } = "";

    /// <summary>The silo.</summary>
    [Id(1)]
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>The grain.</summary>
    [Id(2)]
    public GrainId GrainId { get; set; }
}

/// <summary>How a silo is doing.</summary>
[GenerateSerializer]
public class SiloRuntimeStatistics
{
    /// <summary>How many activations it has.</summary>
    [Id(0)]
    public int ActivationCount { get; set; }

    /// <summary>How many of them were used within the time after which idle ones go.</summary>
    [Id(1)]
    public int RecentlyUsedActivationCount { get; set; }

    /// <summary>Whether it refuses clients.</summary>
    [Id(2)]
    public bool IsOverloaded { get; set; }

    /// <summary>How many clients are connected to it.</summary>
    [Id(3)]
    public long ClientCount { get; set; }

    /// <summary>How many messages it has received, roughly.</summary>
    [Id(4)]
    public long ReceivedMessages { get; set; }

    /// <summary>How many messages it has sent, roughly.</summary>
    [Id(5)]
    public long SentMessages { get; set; }

    /// <summary>When this was so, UTC.</summary>
    [Id(6)]
    public DateTime DateTime { get; set; }

    /// <summary>How its process is doing.</summary>
    [Id(7)]
    public Statistics.EnvironmentStatistics EnvironmentStatistics { get; set; }
}

/// <summary>Asks all silos of the cluster; key 0.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>The status of the silos.</summary>
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    /// <summary>The rows of the silos in the membership table.</summary>
    Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false);

    /// <summary>How those silos are doing, in their order; of all active ones, if none are named.</summary>
    Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds);

    /// <summary>Activations by class and silo.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

    /// <summary>Activations by class on those silos.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds);

    /// <summary>All activations, of those classes and on those silos.</summary>
    Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null);

    /// <summary>How many activations there are.</summary>
    Task<int> GetTotalActivationCount();

    /// <summary>How many activations of the class of that grain there are.</summary>
    Task<int> GetGrainActivationCount(GrainReference grainReference);

    /// <summary>Where a grain is active, or null.</summary>
    ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);

    /// <summary>The active grains of a type.</summary>
    ValueTask<List<GrainId>> GetActiveGrains(GrainType type);

    /// <summary>Ends what has been idle for that long, on all silos.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);

    /// <summary>Ends what has been idle for that long, on those silos.</summary>
    Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit);

    /// <summary>Collects garbage on those silos, or all.</summary>
    Task ForceGarbageCollection(SiloAddress[]? hostsIds);
}
