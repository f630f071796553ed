using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class GrainStateLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private static readonly StateKey Key = new("limits/default", "state");

    private static StateWrite Write(long expected, string? value, StateKey? key = null) =>
        new(Guid.NewGuid(), key ?? Key, expected, value is null ? null : Bytes(value));

    private async Task<long> Writes(StateWrite write) =>
        Assert.IsType<StateOutcome.Stored>(await Store.GrainStates.Write(write, Now)).Version;

    private async Task<string?> Reads(StateKey key) =>
        (await Home.Another().GrainStates.Read(key, Now))?.Value is { } value ? Text(value) : null;

    [Fact]
    public async Task A_state_is_what_was_written_last()
    {
        Assert.Null(await Store.GrainStates.Read(Key, Now));
        var first = await Writes(Write(0, "a"));
        Assert.Equal("a", await Reads(Key));
        await Writes(Write(first, "b"));
        Assert.Equal("b", await Reads(Key));
    }

    [Fact]
    public async Task Who_does_not_know_the_last_version_does_not_write()
    {
        var first = await Writes(Write(0, "a"));
        var second = await Writes(Write(first, "b"));
        foreach (var stale in (long[])[0, first, second + 1])
            Assert.Equal(new StateOutcome.Stale(second), await Store.GrainStates.Write(Write(stale, "c"), Now));
        Assert.Equal("b", await Reads(Key));
    }

    [Fact]
    public async Task Who_expects_a_version_of_nothing_does_not_write()
    {
        Assert.Equal(new StateOutcome.Stale(0), await Store.GrainStates.Write(Write(3, "a"), Now));
        Assert.Null(await Reads(Key));
    }

    [Fact]
    public async Task A_cleared_state_can_be_written_anew_but_not_by_somebody_from_before()
    {
        var first = await Writes(Write(0, "a"));
        await Writes(Write(first, null));
        Assert.Null(await Reads(Key));
        Assert.IsType<StateOutcome.Stale>(await Store.GrainStates.Write(Write(first, "late"), Now));
        var again = await Writes(Write(0, "b"));
        Assert.NotEqual(first, again);
        Assert.IsType<StateOutcome.Stale>(await Store.GrainStates.Write(Write(first, "late"), Now));
        Assert.Equal("b", await Reads(Key));
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_answered_again_and_stored_once()
    {
        var write = Write(0, "a");
        var version = await Writes(write);
        Assert.Equal(version, await Writes(write));
        await Writes(Write(version, "b"));
        Assert.Equal("b", await Reads(Key));
    }

    [Fact]
    public async Task Of_two_writers_one_wins()
    {
        var other = Home.Another();
        var version = 0L;
        for (var i = 0; i < 20; i++)
        {
            var outcomes = await Task.WhenAll(
                Store.GrainStates.Write(Write(version, "mine"), Now), other.GrainStates.Write(Write(version, "theirs"), Now));
            Assert.Single(outcomes.OfType<StateOutcome.Stale>());
            version = Assert.Single(outcomes.OfType<StateOutcome.Stored>()).Version;
        }
    }

    [Fact]
    public async Task The_states_of_a_type_are_listed_by_key_and_page()
    {
        string[] keys = ["b", "a", "a/1", "c", "B"];
        foreach (var key in keys) await Writes(Write(0, $"of {key}", new($"limit/{key}", "state")));
        foreach (var other in (StateKey[])[new("limit/a", "other"), new("limits/x", "state"), new("limi/t", "state"), new("limit0/x", "state")])
            await Writes(Write(0, "other", other));
        await Writes(Write(await Writes(Write(0, "gone", new("limit/d", "state"))), null, new("limit/d", "state")));

        var listed = new List<KeyedState>();
        for (string? cursor = null; ;)
        {
            var page = await Home.Another().GrainStates.List("limit", "state", cursor, 2, Now);
            Assert.InRange(page.Items.Length, 0, 2);
            listed.AddRange(page.Items);
            if ((cursor = page.Next) is null) break;
        }
        Assert.Equal(["B", "a", "a/1", "b", "c"], listed.Select(state => state.Key));
        Assert.All(listed, state => Assert.Equal(($"of {state.Key}", 1), (Text(state.Value), state.Version)));
    }

    [Fact]
    public async Task What_is_due_is_found_by_time_until_it_is_written_with_another()
    {
        var versions = new Dictionary<string, long>();
        foreach (var (grain, minute) in ((string, int?)[])[("t/late", 9), ("t/b", 1), ("t/a", 1), ("u/first", 0), ("t/never", null)])
            versions[grain] = await Writes(At(grain, minute, 0));
        Assert.Equal(["u/first", "t/a", "t/b"], await Due(5));
        Assert.Equal([], await Due(-1));

        await Writes(At("t/a", 7, versions["t/a"]));
        await Writes(At("t/b", null, versions["t/b"]));
        await Writes(Write(versions["u/first"], null, new("u/first", "state")));
        Assert.Equal([], await Due(5));
        Assert.Equal(["t/a", "t/late"], await Due(9));

        static StateWrite At(string grain, int? minute, long expected) =>
            Write(expected, "x", new(grain, "state")) with { DueAt = minute is { } m ? Noon.AddMinutes(m) : null };

        async Task<List<string>> Due(int minute)
        {
            var all = new List<string>();
            for (DueGrain? after = null; ;)
            {
                var page = await Home.Another().GrainStates.Due(Noon.AddMinutes(minute), after, 1, Now);
                if (page is not [var one]) return all;
                all.Add(one.Grain);
                after = one;
            }
        }
    }

    [Fact]
    public async Task Grains_and_names_that_look_alike_are_different()
    {
        StateKey[] keys = [new("t/a", "s"), new("t/A", "s"), new("t/0a", "s"), new("t/a", "S"), new("u/a", "s"), new("t/as", "")];
        foreach (var key in keys) await Writes(Write(0, $"{key.Grain}|{key.Name}", key));
        foreach (var key in keys) Assert.Equal($"{key.Grain}|{key.Name}", await Reads(key));
    }
}
