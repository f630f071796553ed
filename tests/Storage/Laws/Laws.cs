namespace OrleansEtl.Storage.Tests;

/// <summary>What every store promises, each law in the class of its door. The classes below bind them.</summary>
public abstract class Laws<THome> : IAsyncDisposable where THome : IHome, new()
{
    protected THome Home { get; } = new();
    protected IStore Store => Home.Store;
    protected IHomeDrivers Drivers => ((IHomeStore)Store).Drivers;
    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await Home.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<long> Stored(RunAppend append) =>
        Assert.IsType<AppendOutcome.Stored>(await Store.Journal.Append(append, Now)).Version;

    protected async Task<long> Fenced(RunAppend append) =>
        Assert.IsType<AppendOutcome.Fenced>(await Store.Journal.Append(append, Now)).Version;

    protected async Task<Fault> Faults(Func<Task> act) => (await Assert.ThrowsAsync<FaultException>(act)).Fault;
}

public sealed class The_journal_in_memory : JournalLaws<MemoryHome>;
public sealed class The_journal_in_sqlite : JournalLaws<EmbeddedHome>;
public sealed class The_catalogue_in_memory : CatalogLaws<MemoryHome>;
public sealed class The_catalogue_in_sqlite : CatalogLaws<EmbeddedHome>;
public sealed class Drivers_in_memory : DriverLaws<MemoryHome>;
public sealed class Drivers_in_sqlite : DriverLaws<EmbeddedHome>;
public sealed class Letters_in_memory : LetterLaws<MemoryHome>;
public sealed class Letters_in_sqlite : LetterLaws<EmbeddedHome>;
public sealed class Retention_in_memory : RetentionLaws<MemoryHome>;
public sealed class Retention_in_sqlite : RetentionLaws<EmbeddedHome>;
public sealed class Grain_states_in_memory : GrainStateLaws<MemoryHome>;
public sealed class Grain_states_in_sqlite : GrainStateLaws<EmbeddedHome>;
public sealed class The_journal_in_postgres : JournalLaws<PostgresHome>;
public sealed class The_catalogue_in_postgres : CatalogLaws<PostgresHome>;
public sealed class Results_in_memory : ResultLaws<MemoryHome>;
public sealed class Results_in_sqlite : ResultLaws<EmbeddedHome>;
public sealed class Results_in_postgres : ResultLaws<PostgresHome>;
public sealed class Start_fences_in_memory : StartFenceLaws<MemoryHome>;
public sealed class Start_fences_in_sqlite : StartFenceLaws<EmbeddedHome>;
public sealed class Start_fences_in_postgres : StartFenceLaws<PostgresHome>;
public sealed class Retention_in_postgres : RetentionLaws<PostgresHome>;
public sealed class Grain_states_in_postgres : GrainStateLaws<PostgresHome>;
