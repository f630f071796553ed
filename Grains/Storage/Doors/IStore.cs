namespace OrleansEtl.Storage;

/// <summary>All doors of one store. Several stores may be open on the same data, in this process and in others.</summary>
public interface IStore : IAsyncDisposable
{
    IRunJournal Journal { get; }
    IRunCatalog Catalog { get; }
    IRunRetention Retention { get; }
    IGrainStates GrainStates { get; }
    IStepResults Results { get; }
}

/// <summary>A store of one machine, which several processes share without a cluster.</summary>
public interface IHomeStore : IStore
{
    IHomeDrivers Drivers { get; }
}
