using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Says that it has started, waits, and says how many run.</summary>
    Task<int> Meet(string started, string release);
    Task<int> Running();
    [AlwaysInterleave] Task<int> RunningNow();
    [ReadOnly] Task<int> MeetReading(string started, string release);
    Task<bool> StaysOnScheduler();
    Task<bool> TaskRunLeavesScheduler();
    [ResponseTimeout("00:00:01")] Task<int> CallYourself(bool allow);
    Task<int> CallThrough(string other, bool allow);
    Task<int> CallBack(string caller);
    Task<List<int>> Append(int value);
    Task BlockUntilCalled(string other, string signal);
    Task BlockUntilMet(string meeting);
    Task<int> SpreadOver(string meeting, string[] others);
    Task Set(string signal);
}

public abstract class MeetingGrain : Grain, ITurnGrain
{
    private readonly List<int> _values = [];
    private int _running;

    public async Task<int> Meet(string started, string release)
    {
        _running++;
        Signals.Set(started);
        await Signals.Wait(release);
        return _running--;
    }

    public Task<int> MeetReading(string started, string release) => Meet(started, release);

    public Task<int> Running() => Task.FromResult(_running);

    public Task<int> RunningNow() => Task.FromResult(_running);

    public async Task<bool> StaysOnScheduler()
    {
        var before = TaskScheduler.Current;
        await Task.Yield();
        await Task.Delay(1);
        await Task.Run(() => { });
        return ReferenceEquals(before, TaskScheduler.Current) && !ReferenceEquals(before, TaskScheduler.Default);
    }

    public async Task<bool> TaskRunLeavesScheduler()
    {
        var before = TaskScheduler.Current;
        return await Task.Run(() => TaskScheduler.Current != before);
    }

    public async Task<int> CallYourself(bool allow)
    {
        if (!allow) return await this.AsReference<ITurnGrain>().Running();
        using var section = RequestContext.AllowCallChainReentrancy();
        return await this.AsReference<ITurnGrain>().Running();
    }

    public async Task<int> CallThrough(string other, bool allow)
    {
        using var section = allow ? RequestContext.AllowCallChainReentrancy() : default(IDisposable);
        return await GrainFactory.GetGrain<ITurnGrain>(other, "OrleansEtl.Runtime.Tests.PlainTurnGrain")
            .CallBack(this.GetPrimaryKeyString());
    }

    public Task<int> CallBack(string caller) =>
        GrainFactory.GetGrain<ITurnGrain>(caller, "OrleansEtl.Runtime.Tests.PlainTurnGrain").Running();

    public async Task BlockUntilCalled(string other, string signal)
    {
        var call = GrainFactory.GetGrain<ITurnGrain>(other, typeof(PlainTurnGrain).FullName).Set(signal);
        Signals.Wait(signal).GetAwaiter().GetResult();
        await call;
    }

    public Task BlockUntilMet(string meeting)
    {
        Signals.Meet(meeting);
        return Task.CompletedTask;
    }

    public async Task<int> SpreadOver(string meeting, string[] others)
    {
        await Task.WhenAll(others.Select(other =>
            GrainFactory.GetGrain<ITurnGrain>(other, typeof(PlainTurnGrain).FullName).BlockUntilMet(meeting)));
        return others.Length;
    }

    public Task Set(string signal)
    {
        Signals.Set(signal);
        return Task.CompletedTask;
    }

    public Task<List<int>> Append(int value)
    {
        _values.Add(value);
        return Task.FromResult(_values);
    }
}

public sealed class PlainTurnGrain : MeetingGrain;

[Reentrant]
public sealed class ReentrantTurnGrain : MeetingGrain;

[MayInterleave(nameof(IsQuestion))]
public sealed class AskedTurnGrain : MeetingGrain
{
    public static bool IsQuestion(IInvokable request) => request.GetMethodName() == nameof(ITurnGrain.Running);
}

public sealed class TurnTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task A_request_runs_to_its_end_before_the_next_starts()
    {
        var grain = Grain<PlainTurnGrain>();
        var first = grain.Meet(_key + "1", _key + "go");
        await Signals.Wait(_key + "1");
        var second = grain.Meet(_key + "2", _key + "go");
        Assert.Equal(1, await grain.RunningNow());
        Assert.False(Signals.IsSet(_key + "2"));
        Signals.Set(_key + "go");
        Assert.Equal(1, await first);
        Assert.Equal(1, await second);
    }

    [Fact]
    public async Task Requests_of_a_reentrant_grain_interleave_at_awaits()
    {
        var grain = Grain<ReentrantTurnGrain>();
        var first = grain.Meet(_key + "1", _key + "go");
        var second = grain.Meet(_key + "2", _key + "go");
        await Signals.Wait(_key + "1");
        await Signals.Wait(_key + "2");
        Assert.Equal(2, await grain.Running());
        Signals.Set(_key + "go");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Read_only_requests_interleave_with_each_other_only()
    {
        var grain = Grain<PlainTurnGrain>();
        var first = grain.MeetReading(_key + "1", _key + "go");
        var second = grain.MeetReading(_key + "2", _key + "go");
        await Signals.Wait(_key + "1");
        await Signals.Wait(_key + "2");
        var write = grain.Meet(_key + "3", _key + "go");
        Assert.Equal(2, await grain.RunningNow());
        Assert.False(Signals.IsSet(_key + "3"));
        Signals.Set(_key + "go");
        await Task.WhenAll(first, second);
        Assert.Equal(1, await write);
    }

    [Fact]
    public async Task The_named_method_says_which_requests_interleave()
    {
        var grain = Grain<AskedTurnGrain>();
        var first = grain.Meet(_key + "1", _key + "go");
        await Signals.Wait(_key + "1");
        var second = grain.Meet(_key + "2", _key + "go");
        Assert.Equal(1, await grain.Running());
        Assert.False(Signals.IsSet(_key + "2"));
        Signals.Set(_key + "go");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Awaits_come_back_to_the_scheduler_of_the_grain()
    {
        var grain = Grain<PlainTurnGrain>();
        Assert.True(await grain.StaysOnScheduler());
        Assert.True(await grain.TaskRunLeavesScheduler());
    }

    [Fact]
    public async Task A_grain_that_calls_itself_waits_until_the_timeout_unless_it_allows_it()
    {
        var grain = Grain<PlainTurnGrain>();
        Assert.Equal(0, await grain.CallYourself(allow: true));
        await Assert.ThrowsAsync<TimeoutException>(() => grain.CallYourself(allow: false));
    }

    [Fact]
    public async Task A_call_chain_may_come_back_where_it_is_allowed()
    {
        var grain = Grain<PlainTurnGrain>();
        Assert.Equal(0, await grain.CallThrough(Signals.NewKey(), allow: true));
    }

    [Fact]
    public async Task Many_callers_never_meet_inside_a_grain()
    {
        var grain = Grain<PlainTurnGrain>();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => grain.Append(i))));
        var values = await grain.Append(500);
        Assert.Equal(Enumerable.Range(0, 501), values.Order());
    }

    [Fact]
    public async Task A_turn_that_blocks_after_a_call_does_not_hold_up_the_callee()
    {
        await Grain<PlainTurnGrain>().BlockUntilCalled(Signals.NewKey(), _key);
    }

    [Fact]
    public async Task Grains_called_together_run_side_by_side()
    {
        Assert.Equal(2, await Grain<PlainTurnGrain>().SpreadOver(_key, [_key + "1", _key + "2"]));
    }

    [Fact]
    [Trait("category", "runtime-only")]
    public async Task Requests_of_one_caller_start_in_order()
    {
        var grain = Grain<PlainTurnGrain>();
        var calls = Enumerable.Range(0, 300).Select(grain.Append).ToArray();
        Assert.Equal(Enumerable.Range(0, 300), (await Task.WhenAll(calls))[^1]);
    }

    private ITurnGrain Grain<TClass>() => shared.Silo.GetGrain<ITurnGrain>(_key, typeof(TClass).FullName);
}
