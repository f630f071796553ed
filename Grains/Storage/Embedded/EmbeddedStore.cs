namespace OrleansEtl.Storage;

/// <summary>A store in one SQLite file, for one machine without any server. Several processes may have it open at once; each sees what
/// the others committed.</summary>
/// <remarks>All writes go through one thread and one connection; a commit has reached the disk when its caller is answered. Reads have
/// connections of their own, and neither wait for writes nor hold them up. Opening is cheap: what a process does not use, it does not
/// open. The file and its log, <c>-wal</c>, are one store: they are copied together, and closing does not fold one into the
/// other.</remarks>
public sealed class EmbeddedStore : IHomeStore
{
    private readonly Readers _readers;
    private readonly Writer _writer;
    private readonly EmbeddedRunJournal _journal;
    private readonly EmbeddedGrainStates _grainStates;

    private EmbeddedStore(Readers readers, Liveness liveness, TimeProvider clock, GroupCommitBounds bounds)
    {
        _readers = readers;
        _writer = new Writer(readers.Path);
        _journal = new EmbeddedRunJournal(_writer, readers, bounds, clock);
        _grainStates = new EmbeddedGrainStates(_writer, readers, bounds, clock);
        Catalog = new EmbeddedRunCatalog(readers);
        Drivers = new EmbeddedHomeDrivers(_writer, readers, liveness);
        Retention = new EmbeddedRunRetention(_writer);
        Results = new EmbeddedStepResults(readers);
    }

    /// <summary>Opens the store in this file; makes it, and its folder, when there is none.</summary>
    /// <exception cref="FaultException">ETL4101 the file is no store; ETL4102 it is damaged; ETL4103 it is newer than this program;
    /// ETL4104 it cannot be opened. In these cases the file is not touched.</exception>
    public static EmbeddedStore Open(string path, TimeProvider clock, Liveness? liveness = null, GroupCommitBounds? bounds = null)
    {
        var first = StoreFile.Open(path);
        return new EmbeddedStore(
            new Readers(first), liveness ?? Liveness.OfThisHost(), clock, bounds ?? GroupCommitBounds.Default);
    }

    public IRunJournal Journal => _journal;
    public IRunCatalog Catalog { get; }
    public IHomeDrivers Drivers { get; }
    public IRunRetention Retention { get; }
    public IGrainStates GrainStates => _grainStates;
    public IStepResults Results { get; }

    /// <summary>Answers the writes that are under way, and takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _journal.Close();
        await _grainStates.Close();
        _writer.Dispose();
        _readers.Dispose();
    }
}
