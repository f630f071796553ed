using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Engine.Definitions;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>The registry through its grain, over a store that other processes write to as well.</summary>
public sealed class DefinitionLaws
{
    [Fact]
    public async Task What_is_registered_is_what_another_silo_starts()
    {
        await using var cluster = await Cluster.Start(silos: 2);
        var grain = cluster.Silos.Client!.GetGrain<IDefinitionGrain>("test");
        Assert.Null(await grain.View());
        Assert.Equal(new DefinitionAnswer.Done(1, true), await grain.Tell(Register("a")));
        Assert.Equal(new DefinitionAnswer.Done(1, false), await grain.Tell(Register("a")));
        Assert.Equal(new DefinitionAnswer.Done(2, true), await grain.Tell(Register("a", "b: a")));

        var version = await grain.Version(null);
        var start = new RunCommand.Start(version.Spec, [], "/tmp", null, null, RegisteredVersion: version.Number);
        Assert.IsType<Answer.Done>(await cluster.Run(Given.Run).Tell(start));
        Assert.Equal(new DefinitionAnswer.Done(1, true), await grain.Tell(new DefinitionCommand.RollBack(1, "ann")));
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((2, version.Definition, 2), (ended.RegisteredVersion, ended.Definition, ended.Steps.Length));
        Assert.Equal("ann", (await grain.View())!.Changes[0].By);
    }

    [Fact]
    public async Task What_cannot_run_is_not_registered()
    {
        await using var cluster = await Cluster.Start();
        var grain = cluster.Silos.Client!.GetGrain<IDefinitionGrain>("test");
        var wrong = Register("a") with { Spec = new PipelineSpec("test", null, [], [Step("a", "test.unheard_of"), Step("b", "test.unknown")]) };
        Assert.Equal(2, Assert.IsType<DefinitionAnswer.Refused>(await grain.Tell(wrong)).Faults.Length);
        Assert.Null(await grain.View());
        Assert.Equal("ETL6100", (await Assert.ThrowsAsync<FaultException>(() => grain.Version(null))).Fault.Code);
    }

    [Fact]
    public async Task A_change_by_another_process_is_seen_at_once_and_numbers_do_not_collide()
    {
        await using var cluster = await Cluster.Start();
        var grain = cluster.Silos.Client!.GetGrain<IDefinitionGrain>("test");
        await grain.Tell(Register("a"));
        Assert.Equal(new DefinitionAnswer.Done(2, true), await Desk(cluster.Store.GrainStates).Tell("test", Register("b"), default));
        Assert.Equal(2, (await grain.Version(null)).Number);
        Assert.Equal(new DefinitionAnswer.Done(3, true), await grain.Tell(Register("c")));
    }

    [Fact]
    public async Task Of_changes_at_the_same_moment_every_one_is_decided_over_the_one_before()
    {
        var states = new MemoryStore().GrainStates;
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            Task.Run(() => Desk(states).Tell("test", Register($"s{i}"), default))));
        Assert.Equal([1, 2, 3, 4, 5, 6], answers.Select(answer => Assert.IsType<DefinitionAnswer.Done>(answer).Active!.Value).Order());
        Assert.Equal(6, (await Desk(states).View("test", default))!.Changes.Length);
    }

    [Fact]
    public async Task Who_is_always_late_gives_up_within_a_bound()
    {
        var states = new Overtaken(new MemoryStore().GrainStates);
        var refused = Assert.IsType<DefinitionAnswer.Refused>(await Desk(states).Tell("test", Register("a"), default));
        Assert.Equal("ETL6105", Assert.Single(refused.Faults).Code);
        Assert.Equal(10, states.Writes);
    }

    [Fact]
    public async Task Versions_are_listed_in_pages_newest_first()
    {
        var desk = Desk(new MemoryStore().GrainStates);
        for (var i = 0; i < 5; i++) await desk.Tell("test", Register($"s{i}"), default);
        var first = await desk.Versions("test", null, 2, default);
        var second = await desk.Versions("test", first.Next, 2, default);
        var last = await desk.Versions("test", second.Next, 2, default);
        Assert.Equal([5, 4, 3, 2, 1], first.Items.Concat(second.Items).Concat(last.Items).Select(version => version.Number));
        Assert.Null(last.Next);
        Assert.True(first.Items[0].IsActive);
        Assert.Equal("ETL6100", (await Assert.ThrowsAsync<FaultException>(() => desk.Versions("other", null, 2, default))).Fault.Code);
    }

    [Fact]
    public async Task Pipelines_are_listed_by_name_in_pages_that_span_what_is_read_at_once()
    {
        await using var cluster = await Cluster.Start();
        var desk = Desk(cluster.Store.GrainStates);
        var names = Enumerable.Range(0, 25).Select(i => $"p{i:00}").ToArray();
        foreach (var name in names)
            await desk.Tell(name, Register("a") with { Spec = Given.Pipeline("a").Spec with { Name = name, Description = $"of {name}" } }, default);
        await desk.Tell("p03", new DefinitionCommand.Retire("ann"), default);
        var catalog = cluster.Silos.Client!.GetGrain<IDefinitionCatalogGrain>(0);
        var first = await catalog.Pipelines(null, 13);
        var last = await catalog.Pipelines(first.Next, 13);
        Assert.Equal((13, 12), (first.Items.Length, last.Items.Length));
        Assert.Null(last.Next);
        Assert.Equal(names, first.Items.Concat(last.Items).Select(pipeline => pipeline.Name));
        Assert.Equal((null, 1, "of p03", "ann"), (first.Items[3].Active, first.Items[3].Newest, first.Items[3].Description, first.Items[3].By));
        Assert.Equal(1, first.Items[4].Active);
    }

    [Fact]
    public void What_is_stored_is_read_for_ever()
    {
        const string stored = """
            {"name":"test","newest":2,"active":1,"versions":[{"number":1,"definition":"e6ae8a55b7bb2ab1","spec":{"name":"test","params":[],"steps":[{"id":"a","kind":"test.step","depends_on":[],"with":{},"materialize":false}]},"folder":"/x","registered_at":"2026-01-01T00:00:00+00:00","by":"ann"}],"changes":[{"at":"2026-01-01T00:00:00+00:00","kind":"registered","number":1,"by":"ann"},{"at":"2026-01-02T00:00:00+00:00","kind":"rolled_back","number":1}]}
            """;
        var pipeline = EventCodec.ReadRegistration(Encoding.UTF8.GetBytes(stored));
        Assert.Equal(("test", 2, 1), (pipeline.Name, pipeline.Newest, pipeline.Active));
        Assert.Equal("a", pipeline.Versions[0].Spec.Steps[0].Id.Value);
        Assert.Equal(stored.Trim(), Encoding.UTF8.GetString(EventCodec.Write(pipeline)));
    }

    private static DefinitionDesk Desk(IGrainStates states) => Cluster.Definitions(states, TimeProvider.System);

    private static DefinitionCommand.Register Register(params string[] steps) => new(Given.Pipeline(steps).Spec, "/tmp");

    private static StepSpec Step(string id, string kind) => new(new StepId(id), kind, [], SpecValue.Map.Empty);

    /// <summary>Somebody else always writes first.</summary>
    private sealed class Overtaken(IGrainStates states) : IGrainStates
    {
        public int Writes { get; private set; }

        public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => states.Read(key, cancellation);

        public Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation) =>
            states.List(grainType, name, cursor, limit, cancellation);

        public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation) =>
            states.Due(now, after, limit, cancellation);

        public async Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation)
        {
            Writes++;
            var other = EventCodec.Write(Registration.None("test"));
            await states.Write(write with { Id = new Guid(Writes, 1, 0, new byte[8]), Value = other }, cancellation);
            return await states.Write(write, cancellation);
        }
    }
}
