using System.Net;
using Npgsql;
using Orleans;
using Orleans.Messaging;
using Orleans.Runtime;

namespace OrleansEtl.Storage.Tests;

/// <summary>What Orleans expects of a table of silos, and what ours says about time.</summary>
public sealed class MembershipLaws : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan OneAnswer = TimeSpan.FromSeconds(5);

    private readonly PostgresHome _home = new();
    private readonly SiloAddress _one = Silo(11111), _two = Silo(11112), _three = Silo(11113);

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private static SiloAddress Silo(int port, int generation = 7) => SiloAddress.New(IPAddress.Loopback, port, generation);

    private static MembershipEntry Entry(SiloAddress silo, SiloStatus status = SiloStatus.Joining) => new()
    {
        SiloAddress = silo, Status = status, HostName = "host", SiloName = "control.host", ProxyPort = 30000,
        StartTime = Noon.UtcDateTime, IAmAliveTime = Noon.UtcDateTime,
    };

    private async Task<IMembershipTable> Table(string cluster = "c", TimeProvider? clock = null)
    {
        var table = new PostgresMembershipTable(_home.Source, cluster, clock ?? TimeProvider.System);
        await table.InitializeMembershipTable(true);
        return table;
    }

    private static async Task<bool> Insert(IMembershipTable table, SiloAddress silo, SiloStatus status = SiloStatus.Joining) =>
        await table.InsertRow(Entry(silo, status), (await table.ReadAll()).Version.Next());

    private static async Task<bool> Becomes(IMembershipTable table, SiloAddress silo, SiloStatus status)
    {
        var view = await table.ReadAll();
        var (entry, etag) = view.TryGet(silo)!;
        entry.Status = status;
        return await table.UpdateRow(entry, etag, view.Version.Next());
    }

    [Fact]
    public async Task A_new_table_is_empty_and_stands_at_its_first_version()
    {
        var view = await (await Table()).ReadAll();
        Assert.Empty(view.Members);
        Assert.Equal(0, view.Version.Version);
        Assert.Equal(0, (await (await Table()).ReadAll()).Version.Version);
    }

    [Fact]
    public async Task A_silo_is_read_as_it_was_inserted()
    {
        var table = await Table();
        Assert.True(await Insert(table, _one));
        var view = await table.ReadRow(_one);
        var entry = Assert.Single(view.Members).Item1;
        Assert.Equal((_one, SiloStatus.Joining, "host", "control.host", 30000), (entry.SiloAddress, entry.Status, entry.HostName,
            entry.SiloName, entry.ProxyPort));
        Assert.Equal(1, view.Version.Version);
        Assert.Empty((await table.ReadRow(_two)).Members);
        Assert.Equal(1, (await table.ReadRow(_two)).Version.Version);
    }

    [Fact]
    public async Task Each_change_moves_the_version_by_one_and_a_change_from_an_older_view_does_not_hold()
    {
        var table = await Table();
        var old = (await table.ReadAll()).Version;
        Assert.True(await Insert(table, _one));
        Assert.False(await table.InsertRow(Entry(_two), old.Next()));
        Assert.True(await Insert(table, _two));
        Assert.True(await Becomes(table, _one, SiloStatus.Active));
        var view = await table.ReadAll();
        Assert.Equal((3, 2), (view.Version.Version, view.Members.Count));
        Assert.Equal(SiloStatus.Active, view.TryGet(_one)!.Item1.Status);
    }

    [Fact]
    public async Task A_silo_is_inserted_once_and_one_that_is_not_there_is_not_updated()
    {
        var table = await Table();
        Assert.True(await Insert(table, _one));
        Assert.False(await Insert(table, _one));
        var view = await table.ReadAll();
        Assert.False(await table.UpdateRow(Entry(_two), view.TryGet(_one)!.Item2, view.Version.Next()));
        Assert.Equal(1, (await table.ReadAll()).Version.Version);
    }

    [Fact]
    public async Task A_row_that_has_moved_on_is_not_overwritten()
    {
        var table = await Table();
        await Insert(table, _one);
        var old = (await table.ReadAll()).TryGet(_one)!;
        await Becomes(table, _one, SiloStatus.Dead);
        old.Item1.Status = SiloStatus.Active;
        Assert.False(await table.UpdateRow(old.Item1, old.Item2, (await table.ReadAll()).Version.Next()));
        Assert.Equal(SiloStatus.Dead, (await table.ReadAll()).TryGet(_one)!.Item1.Status);
    }

    [Fact]
    public async Task Of_many_that_change_the_view_at_once_one_holds()
    {
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Table()));
        var next = (await tables[0].ReadAll()).Version.Next();
        var held = await Task.WhenAll(tables.Select((table, i) => table.InsertRow(Entry(Silo(20_000 + i)), next)));
        Assert.Single(held, true);
        Assert.Single((await tables[0].ReadAll()).Members);
    }

    [Fact]
    public async Task A_sign_of_life_changes_neither_the_version_nor_the_etag()
    {
        var table = await Table();
        await Insert(table, _one);
        var before = await table.ReadAll();
        await table.UpdateIAmAlive(Entry(_one));
        var after = await table.ReadAll();
        Assert.Equal(before.Version.VersionEtag, after.Version.VersionEtag);
        Assert.Equal(before.TryGet(_one)!.Item2, after.TryGet(_one)!.Item2);
        Assert.True(await Becomes(table, _one, SiloStatus.Active));
    }

    [Theory]
    [InlineData(-3_600), InlineData(0), InlineData(86_400)]
    public async Task A_reader_with_another_clock_sees_how_long_ago_a_silo_was_alive(int secondsAhead)
    {
        await Insert(await Table(), _one);
        var clock = new ShiftedClock(TimeSpan.FromSeconds(secondsAhead));
        var entry = (await (await Table(clock: clock)).ReadAll()).TryGet(_one)!.Item1;
        Assert.InRange(clock.GetUtcNow().UtcDateTime - entry.IAmAliveTime, TimeSpan.Zero, OneAnswer);
        Assert.InRange(clock.GetUtcNow().UtcDateTime - entry.StartTime, TimeSpan.Zero, OneAnswer);
    }

    [Fact]
    public async Task A_suspicion_is_as_old_for_a_reader_with_another_clock_as_for_its_writer()
    {
        var table = await Table();
        await Insert(table, _one, SiloStatus.Active);
        var view = await table.ReadAll();
        var (entry, etag) = view.TryGet(_one)!;
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        entry.SuspectTimes = [Tuple.Create(_two, now.AddMinutes(-1)), Tuple.Create(_three, now)];
        Assert.True(await table.UpdateRow(entry, etag, view.Version.Next()));

        var clock = new ShiftedClock(TimeSpan.FromHours(5));
        var suspects = (await (await Table(clock: clock)).ReadAll()).TryGet(_one)!.Item1.SuspectTimes!;
        Assert.Equal([_two, _three], suspects.Select(suspect => suspect.Item1));
        var ages = suspects.Select(suspect => clock.GetUtcNow().UtcDateTime - suspect.Item2).ToArray();
        Assert.InRange(ages[0] - ages[1], TimeSpan.FromSeconds(59.9), TimeSpan.FromSeconds(60.1));
        Assert.InRange(ages[1], TimeSpan.FromSeconds(-1), OneAnswer);
    }

    [Fact]
    public async Task Who_suspects_a_silo_or_declares_it_dead_does_not_make_it_look_alive()
    {
        var table = await Table();
        await Insert(table, _one, SiloStatus.Active);
        await using (var age = _home.Source.CreateCommand("UPDATE etl.membership SET alive_at = alive_at - interval '1 minute'"))
            await age.ExecuteNonQueryAsync();
        foreach (var status in (SiloStatus[])[SiloStatus.Active, SiloStatus.Dead])
        {
            Assert.True(await Becomes(table, _one, status));
            var alive = (await table.ReadAll()).TryGet(_one)!.Item1.IAmAliveTime;
            Assert.True(TimeProvider.System.GetUtcNow().UtcDateTime - alive > TimeSpan.FromSeconds(59));
        }
    }

    [Fact]
    public async Task Only_dead_silos_that_were_last_alive_long_ago_are_cleaned_away()
    {
        var table = await Table();
        foreach (var silo in (SiloAddress[])[_one, _two, _three]) await Insert(table, silo, SiloStatus.Active);
        await Becomes(table, _one, SiloStatus.Dead);
        await Becomes(table, _two, SiloStatus.Dead);
        await using (var age = _home.Source.CreateCommand(
            "UPDATE etl.membership SET alive_at = alive_at - interval '1 hour' WHERE silo <> '127.0.0.1:11112@7'"))
            await age.ExecuteNonQueryAsync();
        await table.CleanupDefunctSiloEntries(TimeProvider.System.GetUtcNow().AddMinutes(-10));
        var view = await table.ReadAll();
        Assert.Equal([_two, _three], view.Members.Select(member => member.Item1.SiloAddress).Order());
        Assert.Equal(5, view.Version.Version);
    }

    [Fact]
    public async Task Clusters_do_not_hear_of_each_other()
    {
        var (ours, theirs) = (await Table("ours"), await Table("theirs"));
        await Insert(ours, _one);
        Assert.Empty((await theirs.ReadAll()).Members);
        await Insert(theirs, _one);
        await ours.DeleteMembershipTableEntries("ours");
        Assert.Empty((await ours.ReadAll()).Members);
        Assert.Single((await theirs.ReadAll()).Members);
    }

    [Fact]
    public async Task Clients_are_told_the_gateways_of_active_silos()
    {
        var table = await Table();
        await Insert(table, _one, SiloStatus.Active);
        await Insert(table, _two, SiloStatus.Joining);
        await table.InsertRow(new MembershipEntry { SiloAddress = _three, Status = SiloStatus.Active },
            (await table.ReadAll()).Version.Next());
        var gateways = new PostgresGatewayList(_home.Source, "c", TimeProvider.System);
        await gateways.InitializeGatewayListProvider();
        Assert.Equal(["gwy.tcp://127.0.0.1:30000/7"], (await gateways.GetGateways()).Select(uri => uri.ToString()));
    }

    private sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }
}
