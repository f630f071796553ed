using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Slices of a step that runs for each item take a named limit each for itself, beside each other.</summary>
public sealed class LimitedItemLaws
{
    private static readonly ShellOptions Quick = new()
    {
        StagesAtOnce = 64, HeartbeatEvery = TimeSpan.FromMilliseconds(20), RepayEvery = TimeSpan.FromMilliseconds(100),
    };

    private int _inside;
    private int _most;

    [Fact]
    public async Task Slices_wait_for_the_limit_beside_each_other_and_all_of_them_get_in()
    {
        await using var cluster = await Cluster.Start(silos: 2, Quick);
        var open = new TaskCompletionSource();
        Run(cluster, 12, (_, _) => open.Task);
        await LimitLaws.Set(cluster, 2);
        await cluster.Run(Given.Run).Tell(Pipeline(slices: 6));
        var full = await LimitLaws.Look(cluster, view => view is { HoldersTotal: 2, LineTotal: 4 });
        Assert.Equal(6, full!.Holders.Concat(full.Line).Select(one => one.Ticket).Distinct().Count());
        open.SetResult();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, 12), (ended.Status, ended.Steps[0].Items!.Succeeded));
        Assert.Equal(2, _most);
        await LimitLaws.Free(cluster);
    }

    [Fact]
    public async Task A_run_that_fails_gives_back_what_its_slices_hold_and_takes_those_that_wait_out_of_line()
    {
        await using var cluster = await Cluster.Start(silos: 2, Quick);
        var (begun, fail) = (0, new TaskCompletionSource());
        Run(cluster, 6, async (_, stopped) =>
        {
            if (Interlocked.Increment(ref begun) > 1) await ScriptedRunner.Forever(stopped);
            await fail.Task;
            throw new FaultException(new Fault(FaultKind.Invalid, "ETL9999", "It cannot be.", null));
        });
        await LimitLaws.Set(cluster, 3);
        await cluster.Run(Given.Run).Tell(Pipeline(slices: 6));
        await LimitLaws.Look(cluster, view => view is { HoldersTotal: 3, LineTotal: 3 });
        fail.SetResult();
        Assert.Equal(RunStatus.Failed, (await cluster.Ended(Given.Run)).Status);
        await LimitLaws.Free(cluster);
        Assert.Null(await cluster.Limit("db").Tell(new LimitOrder.Delete("ann")));
    }

    [Fact]
    public async Task What_slices_of_a_killed_silo_held_comes_back_and_their_items_get_in()
    {
        await using var cluster = await Cluster.Start(silos: 3, Quick, number => number == 0 ? "control.h" : $"data.h{number}");
        var open = new TaskCompletionSource();
        Run(cluster, 8, (_, _) => open.Task);
        await LimitLaws.Set(cluster, 8);
        await cluster.Run(Given.Run).Tell(Pipeline(slices: 8));
        await LimitLaws.Look(cluster, view => view is { HoldersTotal: 8 });
        await LimitLaws.Set(cluster, 1); // so that a lost item waits for what it held itself, if that does not come back
        var place = cluster.Runner.Places.First(place => place.Key != "each/1").Value;
        await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(silo => silo.SiloAddress.Equals(place)));
        open.SetResult();
        var ended = await cluster.Ended(Given.Run);
        Assert.Equal((RunStatus.Succeeded, 8), (ended.Status, ended.Steps[0].Items!.Succeeded));
        await LimitLaws.Free(cluster);
    }

    private static RunCommand.Start Pipeline(int slices)
    {
        var start = Given.Limited("db", "each");
        var rule = new ForEachSpec(ItemSource.Range, new SpecValue.Integer(1), slices, OnItemFailure.Fail);
        return start with { Spec = start.Spec with { Steps = [start.Spec.Steps[0] with { ForEach = rule }] } };
    }

    /// <summary>A list of so many items that take long, so that each slice has one.</summary>
    private void Run(Cluster cluster, int items, Func<ItemWork.Slice, CancellationToken, Task> during) =>
        cluster.Runner.On("each", async (work, stopped) =>
        {
            switch (work.Items)
            {
                case ItemWork.List:
                    return ScriptedRunner.Listed(work, items);
                case ItemWork.Slice slice:
                    var now = Interlocked.Increment(ref _inside);
                    for (var seen = _most; now > seen; seen = _most) Interlocked.CompareExchange(ref _most, now, seen);
                    try
                    {
                        await during(slice, stopped);
                    }
                    finally
                    {
                        Interlocked.Decrement(ref _inside);
                    }
                    return new StageOutcome.Items(slice.Count, [], 0, 0, slice.Count * TimeSpan.FromHours(1));
                default: return ScriptedRunner.Succeeded(work);
            }
        });
}
