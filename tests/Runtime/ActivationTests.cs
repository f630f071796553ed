using Orleans;
using Orleans.Concurrency;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Number();
    Task<string> Where();
    Task End();
    Task MeetAndEnd(string started, string release);
    Task Delay(TimeSpan time);
    Task<string?> ContextAtActivation();
    Task<bool> DisposedScope();
}

/// <summary>Counts its activations by key.</summary>
public sealed class LifeGrain : Grain, ILifeGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Counts = new();
    private readonly int _number;
    private string? _context;

    public LifeGrain() => _number = Counts.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1);

    public static int Activations(string key) => Counts.GetValueOrDefault(key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _context = RequestContext.Get("cause") as string;
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        if (key.StartsWith("slow", StringComparison.Ordinal))
        {
            Signals.Set(key + "-ending");
            await Signals.Wait(key + "-end");
        }

        Signals.Set($"{key}-{reason.ReasonCode}");
        if (key.StartsWith("bad", StringComparison.Ordinal)) throw new InvalidOperationException("swallowed");
    }

    public Task<int> Number() => Task.FromResult(_number);

    public Task<string> Where() => Task.FromResult(RuntimeIdentity);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task MeetAndEnd(string started, string release)
    {
        DeactivateOnIdle();
        Signals.Set(started);
        await Signals.Wait(release);
    }

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task<string?> ContextAtActivation() => Task.FromResult(_context);

    public Task<bool> DisposedScope() => Task.FromResult(ServiceProvider is null);
}

[KeepAlive]
public sealed class StubbornGrain : Grain, IStubbornGrain
{
    private int _calls;

    public Task<int> Calls() => Task.FromResult(++_calls);
}

public interface IStubbornGrain : IGrainWithStringKey
{
    Task<int> Calls();
}

public interface IFailingGrain : IGrainWithStringKey
{
    Task<int> Touch();
}

public sealed class StillbornException(string message) : Exception(message);

public sealed class FailingGrain : Grain, IFailingGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Tries = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        await Signals.Wait(key + "-fail");
        if (Tries.AddOrUpdate(key, 1, (_, n) => n + 1) == 1) throw new StillbornException("not yet");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Set(this.GetPrimaryKeyString() + "-deactivated");
        return Task.CompletedTask;
    }

    public Task<int> Touch() => Task.FromResult(1);
}

public interface IBrokenGrain : IGrainWithStringKey
{
    Task Touch();
}

public sealed class BrokenGrain : Grain, IBrokenGrain
{
    public BrokenGrain() => throw new StillbornException("constructor");

    public Task Touch() => Task.CompletedTask;
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task Meet(string started, string release);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    public async Task Meet(string started, string release)
    {
        Signals.Set(started);
        await Signals.Wait(release);
    }
}

public interface IPocoGrain : IGrainWithStringKey
{
    Task<string> Key();
}

public sealed class PocoGrain(IGrainContext context) : IGrainBase, IPocoGrain
{
    private bool _activated;

    public IGrainContext GrainContext { get; } = context;

    public Task OnActivateAsync(CancellationToken token)
    {
        _activated = true;
        return Task.CompletedTask;
    }

    public Task<string> Key() => Task.FromResult(_activated ? this.GetPrimaryKeyString() : "");
}

public sealed class ActivationTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    private ILifeGrain Grain => shared.Silo.GetGrain<ILifeGrain>(_key);

    [Fact]
    public async Task Concurrent_first_calls_make_one_activation()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            Task.Run(() => (i % 2 == 0 ? shared.Silo : shared.Client).GetGrain<ILifeGrain>(_key).Number())));
        Assert.Equal(1, LifeGrain.Activations(_key));
    }

    [Fact]
    public async Task A_grain_that_ends_itself_comes_back_at_the_next_call()
    {
        Assert.Equal(1, await Grain.Number());
        await Grain.End();
        await Signals.Wait($"{_key}-{DeactivationReasonCode.ApplicationRequested}");
        Assert.Equal(2, await Grain.Number());
    }

    [Fact]
    public async Task A_grain_is_ended_from_outside_by_the_management_extension()
    {
        await Grain.Number();
        await Grain.Cast<IGrainManagementExtension>().DeactivateOnIdle();
        Assert.Equal(2, await Grain.Number());
    }

    [Fact]
    public async Task What_was_queued_when_a_grain_ends_runs_in_the_next_activation()
    {
        var ending = Grain.MeetAndEnd(_key + "1", _key + "go");
        await Signals.Wait(_key + "1");
        var queued = Grain.Number();
        Signals.Set(_key + "go");
        await ending;
        Assert.Equal(2, await queued);
    }

    [Fact]
    public async Task A_call_during_deactivation_waits_for_the_next_activation()
    {
        var key = "slow" + _key;
        var grain = shared.Silo.GetGrain<ILifeGrain>(key);
        await grain.End();
        await Signals.Wait(key + "-ending");
        var call = grain.Number();
        Assert.False(call.IsCompleted);
        Signals.Set(key + "-end");
        Assert.Equal(2, await call);
    }

    [Fact]
    public async Task An_exception_of_OnDeactivate_is_swallowed()
    {
        var grain = shared.Silo.GetGrain<ILifeGrain>("bad" + _key);
        await grain.End();
        Assert.Equal(2, await grain.Number());
    }

    [Fact]
    public async Task Activation_sees_the_request_context_of_its_cause()
    {
        RequestContext.Set("cause", "first");
        await Grain.Number();
        RequestContext.Set("cause", "second");
        Assert.Equal("first", await Grain.ContextAtActivation());
    }

    [Fact]
    public async Task All_who_wait_for_a_failing_activation_get_its_exception_and_the_next_call_tries_anew()
    {
        var grain = shared.Silo.GetGrain<IFailingGrain>(_key);
        var calls = Enumerable.Range(0, 3).Select(_ => grain.Touch()).ToArray();
        Signals.Set(_key + "-fail");
        foreach (var call in calls)
            Assert.Equal("not yet", (await Assert.ThrowsAsync<StillbornException>(() => call)).Message);
        Assert.Equal(1, await grain.Touch());
        Assert.False(Signals.IsSet(_key + "-deactivated"));
    }

    [Fact]
    public async Task A_failing_constructor_reaches_the_caller_inside_an_InvalidOperationException()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => shared.Silo.GetGrain<IBrokenGrain>(_key).Touch());
        Assert.IsType<StillbornException>(error.GetBaseException());
    }

    [Fact]
    public async Task Stateless_workers_run_side_by_side_up_to_their_limit()
    {
        var grain = shared.Silo.GetGrain<IWorkerGrain>(_key);
        var first = grain.Meet(_key + "1", _key + "go");
        var second = grain.Meet(_key + "2", _key + "go");
        await Signals.Wait(_key + "1");
        await Signals.Wait(_key + "2");
        var third = grain.Meet(_key + "3", _key + "go");
        await shared.Silo.GetGrain<IPocoGrain>(_key).Key();
        Assert.False(Signals.IsSet(_key + "3"));
        Signals.Set(_key + "go");
        await Task.WhenAll(first, second, third);
    }

    [Fact]
    public async Task A_grain_need_not_derive_from_Grain()
    {
        Assert.Equal(_key, await shared.Client.GetGrain<IPocoGrain>(_key).Key());
    }
}

/// <summary>In a cluster of its own: collection would end the grains of other tests.</summary>
public sealed class CollectionTests
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task Idle_collection_ends_what_nobody_keeps()
    {
        await using var cluster = await SharedCluster.Start(1);
        var grain = cluster.Client!.GetGrain<ILifeGrain>(_key);
        var delayed = cluster.Client!.GetGrain<ILifeGrain>(_key + "-delayed");
        var stubborn = cluster.Client!.GetGrain<IStubbornGrain>(_key);
        await grain.Number();
        await delayed.Delay(TimeSpan.FromHours(1));
        await stubborn.Calls();
        await cluster.Client!.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        await Signals.Wait($"{_key}-{DeactivationReasonCode.ActivationIdle}");
        Assert.Equal(2, await grain.Number());
        Assert.Equal(1, await delayed.Number());
        Assert.Equal(2, await stubborn.Calls());
    }
}
