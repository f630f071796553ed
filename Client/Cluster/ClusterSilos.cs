using System.Collections.Immutable;
using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Client;

/// <summary>What the silos of a cluster say of themselves.</summary>
public sealed class ClusterSilos
{
    /// <summary>A silo that takes longer to say its name does not count as answering.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(3);

    private readonly IGrainFactory _grains;
    private readonly PatientCalls _calls;
    private readonly TimeProvider _clock;

    internal ClusterSilos(IGrainFactory grains, PatientCalls calls, TimeProvider clock) => (_grains, _calls, _clock) = (grains, calls, clock);

    /// <summary>All silos that the cluster knows, those that run first, then by address.</summary>
    public async Task<ImmutableArray<SiloView>> List(CancellationToken cancellation)
    {
        var management = _grains.GetGrain<IManagementGrain>(0);
        var hosts = await _calls.Ask(_ => management.GetHosts(), cancellation);
        var activations = (await _calls.Ask(_ => management.GetSimpleGrainStatistics(), cancellation))
            .GroupBy(one => one.SiloAddress).ToDictionary(silo => silo.Key, silo => silo.Sum(one => one.ActivationCount));
        var views = await Task.WhenAll(hosts.Select(async host =>
        {
            var report = host.Value == SiloStatus.Active ? await AskOne(host.Key, grain => grain.Report(), cancellation) : null;
            return new SiloView(
                host.Key.ToParsableString(), host.Key.Endpoint.ToString(), host.Value.ToString().ToLowerInvariant(), report,
                activations.GetValueOrDefault(host.Key));
        }));
        return [.. views.OrderByDescending(silo => silo.IsHealthy).ThenBy(silo => silo.Endpoint, StringComparer.Ordinal)];
    }

    /// <summary>The calls of every silo that answers, counted since somebody began to look.</summary>
    public async Task<ImmutableArray<SiloCalls>> Calls(CancellationToken cancellation)
    {
        var silos = (await List(cancellation)).Where(silo => silo.IsHealthy);
        var calls = await Task.WhenAll(silos.Select(async silo => (
            Silo: silo, Report: await AskOne(SiloAddress.FromParsableString(silo.Address), grain => grain.Calls(), cancellation))));
        return [.. calls.Where(one => one.Report is not null).Select(one => new SiloCalls(one.Silo, one.Report!))];
    }

    /// <summary>Null when that silo does not answer.</summary>
    private async Task<T?> AskOne<T>(SiloAddress silo, Func<ISiloStatisticsGrain, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await ask(_grains.GetGrain<ISiloStatisticsGrain>(silo.ToParsableString())).WaitAsync(AnswerPatience, _clock, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}

/// <summary>A silo of a cluster.</summary>
/// <param name="Address">With its generation, which tells a silo from an earlier one at the same place.</param>
/// <param name="Endpoint">The address and port by which other silos reach it.</param>
/// <param name="Status">As the cluster sees it: <c>active</c>, <c>joining</c>, <c>shuttingdown</c>, <c>dead</c> ….</param>
/// <param name="Report">What it says of itself; null when it did not answer within three seconds.</param>
/// <param name="Activations">How many grains it holds.</param>
public sealed record SiloView(string Address, string Endpoint, string Status, SiloReport? Report, int Activations)
{
    /// <summary>A member that answers.</summary>
    public bool IsHealthy => Report is not null;
}

/// <summary>The calls that one silo has answered.</summary>
public sealed record SiloCalls(SiloView Silo, CallReport Report);
