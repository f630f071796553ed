using System.Collections.Immutable;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Engine.Tests.Alerts;

/// <summary>A watch, and what it hears.</summary>
internal sealed class Vigil
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly AlertBounds Small = AlertBounds.Default with { TriesMax = 4, KeptMax = 20, OpenMax = 50, EndedMax = 20 };
    private int _runs;

    public Watch Watch { get; set; } = new("shop");
    public DateTimeOffset Now { get; set; } = Noon;
    public AlertSilence? Silence { get; set; }
    public AlertBounds Bounds { get; init; } = Small;

    public ImmutableArray<Alert> Alerts => Watch.Alerts;
    /// <summary>Those that somebody is told.</summary>
    public ImmutableArray<Alert> Told => [.. Alerts.Where(alert => alert.Silenced is null)];

    public static AlertRule Rule(AlertOn on, bool resolved = false, string[]? to = null) => new(on, [.. to ?? ["ops"]], Resolved: resolved,
        After: on == AlertOn.Late ? TimeSpan.FromMinutes(10) : null, Within: on == AlertOn.Stale ? TimeSpan.FromHours(26) : null);

    public static AlertCause Cause(RunId run) => new($"failed: {run}", run);

    public Vigil Hears(params News[] news)
    {
        foreach (var one in news) Watch = Watch.Hear(one, Now, Silence?.Until > Now ? Silence : null, Bounds);
        return this;
    }

    public Vigil After(TimeSpan time)
    {
        Now += time;
        return this;
    }

    public Vigil Minutes(double minutes) => After(TimeSpan.FromMinutes(minutes));

    public RunId Begins(DateTimeOffset? lateAt = null)
    {
        var run = Run(_runs++);
        Hears(new News.Begins(run, lateAt));
        return run;
    }

    /// <summary>A run that begins and ends at once.</summary>
    public RunId Fails(AlertRule? rule = null)
    {
        var run = Begins();
        Hears(new News.Ended(run, RunStatus.Failed, Now, rule ?? Rule(AlertOn.Failed), Cause(run)));
        return run;
    }

    public RunId Succeeds()
    {
        var run = Begins();
        Hears(new News.Ended(run, RunStatus.Succeeded, Now));
        return run;
    }

    /// <summary>Lets time pass, ticking whenever the watch wants to be woken.</summary>
    public Vigil Lives(TimeSpan time)
    {
        var end = Now + time;
        while (Watch.NextWake is { } wake && wake <= end)
        {
            if (wake > Now) Now = wake;
            var before = Watch;
            Hears(new News.Tick());
            foreach (var (alert, delivery) in Watch.Due(Now).ToArray())
                Hears(new News.Sends(alert.Number, delivery.Channel),
                    new News.Sent(alert.Number, delivery.Channel, Watch.Find(alert.Number)!.To(delivery.Channel)!.Tries + 0, null));
            if (Watch.NextWake == before.NextWake && Watch.NextWake <= Now) break; // something else than time is waited for
        }
        Now = end;
        return this;
    }

    public Vigil Silenced(TimeSpan time)
    {
        Silence = new AlertSilence($"sil_{Now.Ticks}", "shop", Now, Now + time, "lunch", "ann");
        return this;
    }

    public static RunId Run(int number) => RunId.New(Noon.AddSeconds(number), new byte[10]);
}
