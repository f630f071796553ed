using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>Drivers and letters in SQLite. Who holds a run stands in the run's own row.</summary>
internal sealed class EmbeddedHomeDrivers(Writer writer, Readers readers, Liveness liveness) : IHomeDrivers
{
    private const string DriverColumns = "driver, host, process_id, process_start, renewed_at";

    public Task Enter(Driver driver, CancellationToken cancellation) => writer.Write(connection =>
    {
        var others = connection.Prepare($"SELECT {DriverColumns} FROM drivers").Begin().All(ReadDriver);
        foreach (var other in others)
            if (other.Id != driver.Id && liveness.IsDead(other, driver.RenewedAt)) Remove(connection, other.Id);
        return connection.Prepare($"INSERT OR REPLACE INTO drivers ({DriverColumns}) VALUES (?, ?, ?, ?, ?)").Begin()
            .Add(driver.Id).Add(driver.Host).Add(driver.ProcessId).Add(driver.ProcessStart)
            .Add(Instants.Stored(driver.RenewedAt)).Execute();
    }, cancellation);

    public async Task Renew(string driver, DateTimeOffset now, CancellationToken cancellation)
    {
        var renewed = await writer.Write(connection => connection
            .Prepare("UPDATE drivers SET renewed_at = ? WHERE driver = ?").Begin().Add(Instants.Stored(now)).Add(driver).Execute(),
            cancellation);
        if (renewed == 0) throw StorageFaults.NotEntered(driver);
    }

    public Task Leave(string driver, CancellationToken cancellation) =>
        writer.Write(connection => Remove(connection, driver), cancellation);

    public Task<Claim> Claim(RunId run, string driver, DateTimeOffset now, CancellationToken cancellation) =>
        writer.Write<Claim>(connection =>
        {
            if (Find(connection, driver) is null) throw StorageFaults.NotEntered(driver);
            var row = connection.Prepare($"SELECT {ProjectionRows.RunColumns} FROM runs WHERE run_id = ?")
                .Begin().Add(run.Value).First(ProjectionRows.Run);
            if (row is null) return new Claim.NoSuchRun();
            if (row.Status.IsTerminal()) return new Claim.Ended(row.Status);
            if (row.Driver == driver) return new Claim.Taken();
            if (row.Driver is not null && Find(connection, row.Driver) is { } holder && !liveness.IsDead(holder, now))
                return new Claim.Held(holder);
            connection.Prepare("UPDATE runs SET driver = ? WHERE run_id = ?").Begin().Add(driver).Add(run.Value).Execute();
            return new Claim.Taken(row.Driver);
        }, cancellation);

    public Task Release(RunId run, string driver, CancellationToken cancellation) => writer.Write(connection => connection
        .Prepare("UPDATE runs SET driver = NULL WHERE run_id = ? AND driver = ?").Begin().Add(run.Value).Add(driver).Execute(), cancellation);

    public async Task<Driver?> Holder(RunId run, DateTimeOffset now, CancellationToken cancellation)
    {
        var holder = await readers.Read(connection => connection
            .Prepare("SELECT d.driver, host, process_id, process_start, renewed_at FROM runs r JOIN drivers d ON d.driver = r.driver WHERE run_id = ?")
            .Begin().Add(run.Value).First(ReadDriver), cancellation);
        return holder is null || liveness.IsDead(holder, now) ? null : holder;
    }

    public Task<long> Post(RunId run, byte[] command, DateTimeOffset now, CancellationToken cancellation) =>
        writer.Write(connection =>
        {
            var known = connection.Prepare("SELECT 1 FROM runs WHERE run_id = ?").Begin().Add(run.Value).First(row => row.Long(0));
            if (known == 0) throw StorageFaults.NoSuchRun(run);
            var waiting = connection.Prepare("SELECT count(*) FROM letters WHERE run_id = ? AND answer IS NULL")
                .Begin().Add(run.Value).First(row => row.Long(0));
            if (waiting >= HomeDriverRules.LettersMax) throw StorageFaults.TooManyLetters(run, HomeDriverRules.LettersMax);
            return connection.Prepare("INSERT INTO letters (run_id, posted_at, command) VALUES (?, ?, ?) RETURNING number")
                .Begin().Add(run.Value).Add(Instants.Stored(now)).Add(command).First(row => row.Long(0));
        }, cancellation);

    public Task<ImmutableArray<Letter>> Letters(string driver, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return readers.Read(connection => connection.Prepare("""
            SELECT l.number, l.run_id, l.command FROM letters l JOIN runs r ON r.run_id = l.run_id
            WHERE l.answer IS NULL AND (r.driver = ? OR r.ended_at IS NOT NULL) ORDER BY l.number LIMIT ?
            """).Begin().Add(driver).Add(limit)
            .All(row => new Letter(row.Long(0), new RunId(row.Text(1)), row.Bytes(2))), cancellation);
    }

    public Task Reply(long letter, byte[] answer, CancellationToken cancellation) => writer.Write(connection => connection
        .Prepare("UPDATE letters SET answer = ? WHERE number = ? AND answer IS NULL").Begin().Add(answer).Add(letter).Execute(),
        cancellation);

    public Task<byte[]?> Answer(long letter, CancellationToken cancellation) => readers.Read(connection => connection
        .Prepare("SELECT answer FROM letters WHERE number = ?").Begin().Add(letter).First(row => row.BytesOrNull(0)), cancellation);

    public Task<bool> Withdraw(long letter, CancellationToken cancellation) => writer.Write(connection => connection
        .Prepare("DELETE FROM letters WHERE number = ? AND answer IS NULL").Begin().Add(letter).Execute() == 1, cancellation);

    private static Driver? Find(Connection connection, string driver) => connection
        .Prepare($"SELECT {DriverColumns} FROM drivers WHERE driver = ?").Begin().Add(driver).First(ReadDriver);

    private static int Remove(Connection connection, string driver) =>
        connection.Prepare("DELETE FROM drivers WHERE driver = ?").Begin().Add(driver).Execute();

    private static Driver ReadDriver(Statement row) => new(row.Text(0), row.Text(1), row.Int(2), row.Text(3), row.Time(4));
}
