using System.Collections.Immutable;

namespace OrleansEtl.Storage;

internal sealed class MemoryHomeDrivers(MemoryTables tables, Liveness liveness) : IHomeDrivers
{
    public Task Enter(Driver driver, CancellationToken cancellation) => tables.Locked(() =>
    {
        foreach (var other in tables.Drivers.Values.ToArray())
            if (other.Id != driver.Id && liveness.IsDead(other, driver.RenewedAt)) tables.Drivers.Remove(other.Id);
        return tables.Drivers[driver.Id] = driver with { RenewedAt = Instants.Rounded(driver.RenewedAt) };
    }, cancellation);

    public Task Renew(string driver, DateTimeOffset now, CancellationToken cancellation) => tables.Locked(() =>
        tables.Drivers[driver] = Entered(driver) with { RenewedAt = Instants.Rounded(now) }, cancellation);

    public Task Leave(string driver, CancellationToken cancellation) =>
        tables.Locked(() => tables.Drivers.Remove(driver), cancellation);

    public Task<Claim> Claim(RunId run, string driver, DateTimeOffset now, CancellationToken cancellation) => tables.Locked<Claim>(() =>
    {
        Entered(driver);
        if (!tables.Runs.TryGetValue(run, out var row)) return new Claim.NoSuchRun();
        if (row.Status.IsTerminal()) return new Claim.Ended(row.Status);
        if (row.Driver == driver) return new Claim.Taken();
        if (row.Driver is not null && tables.Drivers.TryGetValue(row.Driver, out var holder) && !liveness.IsDead(holder, now))
            return new Claim.Held(holder);
        tables.Runs[run] = row with { Driver = driver };
        return new Claim.Taken(row.Driver);
    }, cancellation);

    public Task Release(RunId run, string driver, CancellationToken cancellation) => tables.Locked(() =>
        tables.Runs.TryGetValue(run, out var row) && row.Driver == driver ? tables.Runs[run] = row with { Driver = null } : row, cancellation);

    public Task<Driver?> Holder(RunId run, DateTimeOffset now, CancellationToken cancellation) => tables.Locked(() =>
        tables.Runs.GetValueOrDefault(run)?.Driver is { } driver && tables.Drivers.TryGetValue(driver, out var holder)
            && !liveness.IsDead(holder, now) ? holder : null, cancellation);

    public Task<long> Post(RunId run, byte[] command, DateTimeOffset now, CancellationToken cancellation) => tables.Locked(() =>
    {
        if (!tables.Runs.ContainsKey(run)) throw StorageFaults.NoSuchRun(run);
        if (tables.Letters.Values.Count(letter => letter.Letter.Run == run && letter.Answer is null) >= HomeDriverRules.LettersMax)
            throw StorageFaults.TooManyLetters(run, HomeDriverRules.LettersMax);
        var number = ++tables.LastLetter;
        tables.Letters[number] = new MemoryLetter(new Letter(number, run, command), null);
        return number;
    }, cancellation);

    public Task<ImmutableArray<Letter>> Letters(string driver, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return tables.Locked<ImmutableArray<Letter>>(() =>
            [.. tables.Letters.Values.Where(letter => letter.Answer is null)
                .Where(letter => tables.Runs[letter.Letter.Run] is var run && (run.Driver == driver || run.EndedAt is not null))
                .Take(limit).Select(letter => letter.Letter)], cancellation);
    }

    public Task Reply(long letter, byte[] answer, CancellationToken cancellation) => tables.Locked(() =>
    {
        if (tables.Letters.TryGetValue(letter, out var found) && found.Answer is null)
            tables.Letters[letter] = found with { Answer = answer };
        return found;
    }, cancellation);

    public Task<byte[]?> Answer(long letter, CancellationToken cancellation) =>
        tables.Locked(() => tables.Letters.GetValueOrDefault(letter)?.Answer, cancellation);

    public Task<bool> Withdraw(long letter, CancellationToken cancellation) => tables.Locked(() =>
        tables.Letters.TryGetValue(letter, out var found) && found.Answer is null && tables.Letters.Remove(letter), cancellation);

    private Driver Entered(string driver) => tables.Drivers.GetValueOrDefault(driver) ?? throw StorageFaults.NotEntered(driver);
}
