using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Engine.Tests.Alerts;

/// <summary>Whatever is heard in whatever order, twice or never.</summary>
public sealed class AlertSimulations
{
    [Fact]
    public void No_failure_is_forgotten_none_is_told_twice_and_there_is_no_storm() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var vigil = new Vigil { Bounds = Vigil.Small with { KeptMax = 5_000, EndedMax = 5_000, OpenMax = 5_000 } };
        var rule = Vigil.Rule(AlertOn.Failed, resolved: random.Next(2) == 0);
        var heard = new List<News.Ended>();
        var failed = 0;
        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    var run = vigil.Begins();
                    var isFailed = random.Next(3) > 0;
                    heard.Add(isFailed ? new News.Ended(run, RunStatus.Failed, vigil.Now, rule, Vigil.Cause(run)) : new News.Ended(run, RunStatus.Succeeded, vigil.Now));
                    if (isFailed) failed++;
                    vigil.Hears(heard[^1]);
                    break;
                case 4 when heard.Count > 0:
                    vigil.Hears(new News.Begins(heard[random.Next(heard.Count)].Run, null), heard[random.Next(heard.Count)]);
                    break;
                case 5: vigil.Hears(new News.Tick(), new News.Tick()); break;
                case 6 when random.Next(5) == 0: vigil.Silenced(TimeSpan.FromMinutes(random.Next(1, 200))); break;
                case 7 when random.Next(3) == 0: vigil.Silence = null; break;
                default: vigil.Lives(TimeSpan.FromMinutes(random.Next(0, 90))); break;
            }
        }
        Judge(vigil, rule, failed);
    });

    private static void Judge(Vigil vigil, AlertRule rule, int failed)
    {
        var told = vigil.Told.Where(alert => !alert.IsResolved).ToArray();
        Assert.Equal(told.Length, told.Select(alert => alert.Key).Distinct().Count());
        foreach (var (one, next) in told.Zip(told.Skip(1)))
            Assert.True(next.At - one.At >= rule.RepeatEvery(), $"{one.Number} and {next.Number} are only {next.At - one.At} apart");
        var resolved = vigil.Told.Where(alert => alert.IsResolved).ToArray();
        Assert.True(resolved.Length <= told.Length);
        Assert.All(resolved, over => Assert.Contains(told, alert => over.Key == alert.Key + "/resolved"));
        // A trouble that goes on is told, or is about to be.
        if (vigil.Watch.Incidents.GetValueOrDefault(AlertOn.Failed) is { IsOpen: true } open)
            Assert.True(open.ToldKey is not null || open.Pending > 0 && vigil.Watch.NextWake is not null);
        Assert.True(told.Sum(alert => alert.Count) <= failed);
    }

    [Fact]
    public void Every_message_arrives_or_is_given_up_whoever_dies() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var vigil = new Vigil();
        vigil.Fails(Vigil.Rule(AlertOn.Failed, to: ["a", "b", "c"]));
        var sent = new Dictionary<string, int>();
        for (var step = 0; step < 1_000 && vigil.Watch.NextWake is { } wake; step++)
        {
            if (wake > vigil.Now) vigil.Now = wake;
            vigil.Hears(new News.Tick());
            foreach (var (alert, delivery) in vigil.Watch.Due(vigil.Now).ToArray())
            {
                vigil.Hears(new News.Sends(alert.Number, delivery.Channel));
                var tries = vigil.Watch.Find(alert.Number)!.To(delivery.Channel)!.Tries;
                sent[delivery.Channel] = sent.GetValueOrDefault(delivery.Channel) + 1;
                if (random.Next(3) == 0) continue; // it died and nobody heard
                vigil.Hears(new News.Sent(alert.Number, delivery.Channel, tries, random.Next(3) == 0 ? null : new Fault(FaultKind.Unavailable, "ETL6761", "away")));
            }
        }
        Assert.All(vigil.Alerts[0].Deliveries, one => Assert.True(one.Status is DeliveryStatus.Sent or DeliveryStatus.Dead));
        Assert.All(sent.Values, tries => Assert.InRange(tries, 1, Vigil.Small.TriesMax));
        Assert.Null(vigil.Watch.NextWake);
    });
}
