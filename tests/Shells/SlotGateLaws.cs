using OrleansEtl.Engine.Slots;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Who gets the slots of a process.</summary>
public sealed class SlotGateLaws
{
    private readonly SlotGate _gate = new(new SlotNeed(1, 100), new SlotNeed(1, 10));

    [Fact]
    public async Task A_run_with_many_stages_does_not_keep_another_run_out()
    {
        var first = _gate.Enter(Work(1, 0), default);
        var many = Enumerable.Range(1, 50).Select(stage => _gate.Enter(Work(1, stage), default)).ToArray();
        var other = _gate.Enter(Work(2, 0), default);
        var let = 0;
        for (var holder = await first; !other.IsCompleted; let++)
        {
            holder.Dispose();
            var next = await Task.WhenAny([.. many.Where(task => !task.IsCompletedSuccessfully || task.Result != holder), other]);
            if (next == other) break;
            many = [.. many.Where(task => task != next)];
            holder = await next;
        }
        Assert.InRange(let, 0, 3);
    }

    [Fact]
    public async Task Of_those_who_wait_the_more_important_run_is_first()
    {
        var holder = await _gate.Enter(Work(1, 0), default);
        var low = _gate.Enter(Work(2, 0, priority: -100), default);
        var usual = _gate.Enter(Work(3, 0), default);
        var high = _gate.Enter(Work(4, 0, priority: 100), default);
        var order = new List<Task<IDisposable>>();
        for (var left = new List<Task<IDisposable>> { low, usual, high }; left.Count > 0;)
        {
            holder.Dispose();
            var next = await Task.WhenAny(left);
            order.Add(next);
            left.Remove(next);
            holder = await next;
        }
        Assert.Equal([high, usual, low], order);
    }

    [Fact]
    public async Task One_who_gives_up_waiting_leaves_its_place_to_the_next_of_its_run()
    {
        using var gone = new CancellationTokenSource();
        var holder = await _gate.Enter(Work(1, 0), default);
        var waiting = Enumerable.Range(1, 10).Select(stage => _gate.Enter(Work(1, stage), gone.Token)).ToArray();
        var last = _gate.Enter(Work(1, 11), default);
        await gone.CancelAsync();
        foreach (var one in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        holder.Dispose();
        (await last).Dispose();
    }

    [Fact]
    public async Task Those_who_wait_know_their_place_and_those_who_got_in_wait_no_more()
    {
        Assert.Empty(_gate.Waiting());
        var holder = await _gate.Enter(Work(1, 0), default);
        Assert.Empty(_gate.Waiting());
        var others = Enumerable.Range(1, 5).Select(stage => _gate.Enter(Work(1, stage), default)).ToArray();
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(1, 5).Select(stage => _gate.Waiting()[Ticket(stage)].Before));
        Assert.All(_gate.Waiting().Values, one => Assert.Equal(new SlotShortage(true, false), one.Short));
        holder.Dispose();
        holder = await others[0];
        Assert.False(_gate.Waiting().ContainsKey(Ticket(1)));
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(2, 4).Select(stage => _gate.Waiting()[Ticket(stage)].Before));
        foreach (var next in others[1..])
        {
            holder.Dispose();
            holder = await next;
        }
        holder.Dispose();
        Assert.Empty(_gate.Waiting());
    }

    private static SlotTicket Ticket(int stage) => new(Given.Other(1), stage, new Attempt(1));

    private static StageWork Work(int run, int stage, int priority = 0) => new(
        Given.Other(run), "test", stage, new Attempt(1), [], "/", null, Priority: priority);
}
