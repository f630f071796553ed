using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace OrleansEtl.Storage.Tests;

/// <summary>What Orleans expects of a table of reminders.</summary>
public abstract class ReminderLaws
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private protected static readonly GrainId Grain = GrainId.Create("schedule", "every/hour");

    protected abstract IReminderTable Table();

    private protected static ReminderEntry Entry(GrainId grain, string name, int minutes = 1) =>
        new() { GrainId = grain, ReminderName = name, StartAt = Noon, Period = TimeSpan.FromMinutes(minutes) };

    [Fact]
    public async Task A_reminder_is_read_as_it_was_written()
    {
        var etag = await Table().UpsertRow(Entry(Grain, "tick"));
        var read = await Table().ReadRow(Grain, "tick");
        Assert.NotNull(read);
        Assert.Equal((Grain, "tick", Noon, TimeSpan.FromMinutes(1), etag),
            (read.GrainId, read.ReminderName, read.StartAt, read.Period, read.ETag));
        Assert.Equal(DateTimeKind.Utc, read.StartAt.Kind);
        Assert.Null(await Table().ReadRow(Grain, "tock"));
    }

    [Fact]
    public async Task A_reminder_that_is_written_again_has_its_new_times_and_a_new_etag()
    {
        var first = await Table().UpsertRow(Entry(Grain, "tick"));
        var second = await Table().UpsertRow(Entry(Grain, "tick", minutes: 5));
        Assert.NotEqual(first, second);
        var read = Assert.Single((await Table().ReadRows(Grain)).Reminders);
        Assert.Equal((TimeSpan.FromMinutes(5), second), (read.Period, read.ETag));
    }

    [Fact]
    public async Task A_reminder_is_removed_only_by_who_knows_its_last_etag()
    {
        var first = (await Table().UpsertRow(Entry(Grain, "tick")))!;
        Assert.True(await Table().RemoveRow(Grain, "tick", first));
        Assert.False(await Table().RemoveRow(Grain, "tick", first));
        var again = (await Table().UpsertRow(Entry(Grain, "tick")))!;
        Assert.False(await Table().RemoveRow(Grain, "tick", first));
        Assert.False(await Table().RemoveRow(Grain, "tick", "rubbish"));
        Assert.True(await Table().RemoveRow(Grain, "tick", again));
        Assert.Empty((await Table().ReadRows(Grain)).Reminders);
    }

    [Fact]
    public async Task Every_reminder_is_in_exactly_one_of_the_parts_of_a_ring()
    {
        var grains = Enumerable.Range(0, 60).Select(number => GrainId.Create("schedule", $"{number}")).ToArray();
        foreach (var grain in grains) await Table().UpsertRow(Entry(grain, "tick"));
        uint[] places = [0x1000_0000, 0x7000_0000, 0x9000_0000, 0xF000_0000];
        var found = new List<GrainId>();
        for (var i = 0; i < places.Length; i++)
            found.AddRange((await Table().ReadRows(places[i], places[(i + 1) % 4])).Reminders.Select(row => row.GrainId));
        Assert.Equal(grains.Order(), found.Order());
        var hash = grains[0].GetUniformHashCode();
        Assert.Contains((await Table().ReadRows(hash - 1, hash)).Reminders, row => row.GrainId == grains[0]);
        Assert.DoesNotContain((await Table().ReadRows(hash, hash + 1)).Reminders, row => row.GrainId == grains[0]);
        Assert.Equal(60, (await Table().ReadRows(0, 0)).Reminders.Count);
    }
}

public sealed class Reminders_in_postgres : ReminderLaws, IAsyncDisposable
{
    private readonly PostgresHome _home = new();

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    protected override IReminderTable Table() => Table("s");

    private PostgresReminderTable Table(string service) => new(_home.Source, service, TimeProvider.System);

    [Fact]
    public async Task Services_do_not_hear_of_each_other()
    {
        await Table("ours").UpsertRow(Entry(Grain, "tick"));
        Assert.Null(await Table("theirs").ReadRow(Grain, "tick"));
        Assert.Empty((await Table("theirs").ReadRows(0, 0)).Reminders);
        await Table("theirs").TestOnlyClearTable();
        Assert.NotNull(await Table("ours").ReadRow(Grain, "tick"));
    }
}

/// <summary>The table that a cluster of the runtime keeps in its own memory.</summary>
public sealed class Reminders_in_memory : ReminderLaws, IAsyncLifetime
{
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.UseInMemoryReminderService());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    protected override IReminderTable Table() => _cluster.GetSiloServiceProvider().GetRequiredService<IReminderTable>();
}
