using System.Diagnostics;
using OrleansEtl.Faults.Tests.Cluster;

namespace OrleansEtl.Faults.Tests.Schedule;

/// <summary>Makes the mishaps happen, and mends what they broke that nobody else would mend.</summary>
internal sealed class Injector(Battlefield field, Action<string> say)
{
    private readonly long _begun = Stopwatch.GetTimestamp();

    public async Task Run(FaultSchedule schedule, CancellationToken cancellation)
    {
        foreach (var (calm, mishap) in schedule.Draw())
        {
            await Task.Delay(calm, cancellation);
            say($"{Stopwatch.GetElapsedTime(_begun).TotalSeconds,6:0.0} s  {mishap}");
            await Happen(mishap, cancellation);
        }
    }

    private async Task Happen(Mishap mishap, CancellationToken cancellation)
    {
        switch (mishap)
        {
            case Mishap.Kill m: (await field.Places[m.Silo].Living()).Kill(); break;
            case Mishap.Dismiss m: (await field.Places[m.Silo].Living()).Terminate(); break;
            case Mishap.Freeze m: await Freeze(field.Places[m.Silo], m.For, cancellation); break;
            case Mishap.RollingRestart: await RollingRestart(); break;
            case Mishap.CrashPostgres: await Away(field.Postgres.Kill, TimeSpan.Zero, cancellation); break;
            case Mishap.StopPostgres m: await Away(field.Postgres.Stop, m.For, cancellation); break;
            case Mishap.CutDatabaseConnections: await field.CutDatabaseConnections(); break;
            case Mishap.CutFromPeers m: await Broken(field.Places[m.Silo].Peers.Cut, field.Places[m.Silo].Peers.Mend, m.For, cancellation); break;
            case Mishap.HangFromPeers m: await Broken(field.Places[m.Silo].Peers.Hang, field.Places[m.Silo].Peers.Mend, m.For, cancellation); break;
            case Mishap.CutFromDatabase m:
                await Broken(field.Places[m.Silo].Database.Cut, field.Places[m.Silo].Database.Mend, m.For, cancellation);
                break;
            case Mishap.HangFromDatabase m:
                await Broken(field.Places[m.Silo].Database.Hang, field.Places[m.Silo].Database.Mend, m.For, cancellation);
                break;
            case Mishap.Both both: await Task.WhenAll(Happen(both.One, cancellation), Happen(both.Other, cancellation)); break;
            default: throw new UnreachableException(mishap.ToString());
        }
    }

    private static async Task Freeze(Place place, TimeSpan span, CancellationToken cancellation)
    {
        var process = await place.Living(); // it may die meanwhile, and another take its place
        await Broken(process.Freeze, process.Thaw, span, cancellation);
    }

    private static async Task Broken(Action begin, Action mend, TimeSpan span, CancellationToken cancellation)
    {
        begin();
        try
        {
            await Task.Delay(span, cancellation);
        }
        finally
        {
            mend();
        }
    }

    private async Task Away(Func<Task> end, TimeSpan span, CancellationToken cancellation)
    {
        await end();
        try
        {
            await Task.Delay(span, cancellation);
        }
        finally
        {
            await field.Postgres.Start();
        }
    }

    private async Task RollingRestart()
    {
        foreach (var place in field.Places)
        {
            var leaving = place.Now;
            leaving.Terminate();
            while (place.Now == leaving) await Task.Delay(50, CancellationToken.None);
            await place.IsReady(Battlefield.ReadyPatience);
        }
    }
}
