using System.Security.Cryptography;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>This process's place among the drivers of a home: entered when it first drives, renewed while it lives, left at the
/// end.</summary>
internal sealed class DriverSeat(IHomeDrivers drivers, TimeProvider clock, EmbeddedOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _entering = new(1);
    private ITimer? _renewing;

    public string Driver { get; } = "drv_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public async Task Enter(CancellationToken cancellation)
    {
        await _entering.WaitAsync(cancellation);
        try
        {
            if (_renewing is not null) return;
            await drivers.Enter(HostProcesses.Here(Driver, clock.GetUtcNow()), cancellation);
            _renewing = clock.CreateTimer(_ => _ = Renew(), null, options.RenewEvery, options.RenewEvery);
        }
        finally
        {
            _entering.Release();
        }
    }

    public async Task<Claim> Claim(RunId run, CancellationToken cancellation)
    {
        await Enter(cancellation);
        return await drivers.Claim(run, Driver, clock.GetUtcNow(), cancellation);
    }

    public Task Release(RunId run, CancellationToken cancellation) => drivers.Release(run, Driver, cancellation);

    public async ValueTask DisposeAsync()
    {
        _entering.Dispose();
        if (_renewing is null) return;
        await _renewing.DisposeAsync();
        await drivers.Leave(Driver, CancellationToken.None);
    }

    private async Task Renew()
    {
        try
        {
            await drivers.Renew(Driver, clock.GetUtcNow(), CancellationToken.None);
        }
        catch (FaultException)
        {
            // Processes of this host see that this one lives without its lease; the next renewal comes soon.
        }
    }
}
