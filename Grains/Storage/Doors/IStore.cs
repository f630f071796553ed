namespace OrleansEtl.Storage;

/// <summary>All doors of one store. Several stores may be open on the same data, in this process and in others.</summary>
public interface IStore : IAsyncDisposable
{
    IRunJournal Journal { get; }
    IRunCatalog Catalog { get; }
    IHomeDrivers Drivers { get; }
    IRunRetention Retention { get; }
    IGrainStates GrainStates { get; }
}
