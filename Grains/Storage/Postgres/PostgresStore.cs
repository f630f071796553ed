using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>A store in a Postgres database, in a schema of its own, <c>etl</c>. Any number of silos have it open at once.</summary>
/// <remarks>Writes go through group commit: a few connections that this store keeps, one statement a batch. A commit has reached the
/// server's disk when its caller is answered. Reads take connections from the data source's pool.</remarks>
public sealed class PostgresStore : IStore
{
    private readonly PostgresReads _reads;
    private readonly PostgresRunJournal _journal;
    private readonly PostgresGrainStates _grainStates;

    private PostgresStore(NpgsqlDataSource source, TimeProvider clock, PostgresOptions options)
    {
        _reads = new PostgresReads(source, options.ReadPatience, clock);
        _journal = new PostgresRunJournal(source, _reads, options, clock);
        _grainStates = new PostgresGrainStates(source, _reads, options, clock);
        Catalog = new PostgresRunCatalog(_reads);
        Retention = new PostgresRunRetention(_reads);
        Results = new PostgresStepResults(_reads);
    }

    /// <summary>Opens the store of this database; makes its schema, or brings it up to date.</summary>
    /// <param name="source">Stays its owner's, who disposes it after the store.</param>
    /// <exception cref="FaultException">ETL4401 the schema is newer than this program; ETL4402 the server cannot be reached; ETL4404
    /// it refuses this user.</exception>
    public static async Task<PostgresStore> Open(
        NpgsqlDataSource source, TimeProvider clock, PostgresOptions? options = null, CancellationToken cancellation = default)
    {
        await PostgresSchema.BringUpToDate(source, cancellation);
        return new PostgresStore(source, clock, options ?? PostgresOptions.Default);
    }

    public IRunJournal Journal => _journal;
    public IRunCatalog Catalog { get; }
    public IRunRetention Retention { get; }
    public IGrainStates GrainStates => _grainStates;
    public IStepResults Results { get; }

    /// <summary>Answers the writes that are under way, and takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _journal.Close();
        await _grainStates.Close();
        _reads.Close();
    }
}

/// <param name="Bounds">Of each group commit. Their patience is how long Postgres may be away before a writer hears of it.</param>
/// <param name="JournalLanes">Connections that write journals.</param>
/// <param name="StateLanes">Connections that write grain states.</param>
/// <param name="ReadPatience">How long a read is tried again while Postgres is away; a person waits no longer.</param>
public sealed record PostgresOptions(GroupCommitBounds Bounds, int JournalLanes, int StateLanes, TimeSpan ReadPatience)
{
    /// <summary>A restart of the server, and a failover to another, take less than a minute.</summary>
    public static readonly PostgresOptions Default = new(
        GroupCommitBounds.Default with { Patience = TimeSpan.FromSeconds(90) },
        JournalLanes: 2, StateLanes: 1, ReadPatience: TimeSpan.FromSeconds(15));
}
