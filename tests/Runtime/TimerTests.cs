using Orleans;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(string signal, int ticksMax, bool interleave);
    Task StartOnce(string signal);
    Task StartFailing(string signal);
    Task StartLong(string started, string cancelled);
    Task<bool> StartBothAndStayBusy(string plain, string interleaving);
    Task WaitForTickWhileBusy(string signal);
    Task Stop();
    Task Restart(TimeSpan due);
    Task<int> Ticks();
    Task StartWith(TimeSpan due, TimeSpan period);
    Task<string?> ContextInTick();
    Task StartAllForms(string signal);
    Task End();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);
    private IGrainTimer? _timer;
    private int _ticks;

    public Task Start(string signal, int ticksMax, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            (state, _) =>
            {
                _ticks++;
                if (_ticks >= ticksMax) Signals.Set(state);
                return Task.CompletedTask;
            },
            signal, new GrainTimerCreationOptions { DueTime = Short, Period = Short, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartOnce(string signal)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                Signals.Set(signal + ++_ticks);
                return Task.CompletedTask;
            },
            Short, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StartFailing(string signal)
    {
        _timer = this.RegisterGrainTimer(
            _ =>
            {
                if (++_ticks == 3) Signals.Set(signal);
                throw new InvalidOperationException("logged");
            },
            Short, Short);
        return Task.CompletedTask;
    }

    public Task StartLong(string started, string cancelled)
    {
        _timer = this.RegisterGrainTimer(
            async token =>
            {
                using var watch = token.Register(() => Signals.Set(cancelled));
                Signals.Set(started);
                await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(10), token));
            },
            TimeSpan.Zero, Short);
        return Task.CompletedTask;
    }

    public async Task<bool> StartBothAndStayBusy(string plain, string interleaving)
    {
        await Start(plain, 1, interleave: false);
        var ticks = 0;
        _timer = this.RegisterGrainTimer(
            () =>
            {
                if (++ticks == 5) Signals.Set(interleaving);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Short, Short) { Interleave = true });
        await Signals.Wait(interleaving);
        _timer.Dispose();
        return Signals.IsSet(plain);
    }

    public Task WaitForTickWhileBusy(string signal) => Signals.Wait(signal);

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Restart(TimeSpan due)
    {
        _timer!.Change(due, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task StartWith(TimeSpan due, TimeSpan period)
    {
        this.RegisterGrainTimer(() => Task.CompletedTask, due, period);
        return Task.CompletedTask;
    }

    public async Task<string?> ContextInTick()
    {
        var seen = new TaskCompletionSource<string?>();
        RequestContext.Set("who", "registrar");
        this.RegisterGrainTimer(
            () =>
            {
                seen.TrySetResult(RequestContext.Get("who") as string);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        return await seen.Task;
    }

    public Task StartAllForms(string signal)
    {
        var once = new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Task Tick(string which)
        {
            Signals.Set(signal + which);
            return Task.CompletedTask;
        }

        this.RegisterGrainTimer((s, _) => Tick(s), "1", once);
        this.RegisterGrainTimer((s, _) => Tick(s), "2", TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        this.RegisterGrainTimer(_ => Tick("3"), once);
        this.RegisterGrainTimer(_ => Tick("4"), TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        this.RegisterGrainTimer(() => Tick("5"), once);
        this.RegisterGrainTimer(() => Tick("6"), TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        this.RegisterGrainTimer(s => Tick(s), "7", once);
        this.RegisterGrainTimer(s => Tick(s), "8", TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class TimerTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    private ITimerGrain Grain => shared.Silo.GetGrain<ITimerGrain>(_key);

    [Fact]
    public async Task A_timer_ticks_until_it_is_disposed()
    {
        await Grain.Start(_key, 3, interleave: false);
        await Signals.Wait(_key);
        await Grain.Stop();
        var ticks = await Grain.Ticks();
        Assert.True(ticks >= 3);
        await Grain.StartAllForms(_key);
        await Signals.Wait(_key + "8");
        Assert.Equal(ticks, await Grain.Ticks());
    }

    [Fact]
    public async Task All_forms_of_registration_tick()
    {
        await Grain.StartAllForms(_key);
        for (var form = 1; form <= 8; form++) await Signals.Wait(_key + form);
    }

    [Fact]
    public async Task A_tick_waits_for_the_running_request()
    {
        Assert.False(await Grain.StartBothAndStayBusy(_key, _key + "i"));
        await Signals.Wait(_key);
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        await Grain.Start(_key, 1, interleave: true);
        await Grain.WaitForTickWhileBusy(_key);
        await Grain.Stop();
    }

    [Fact]
    public async Task A_timer_without_a_period_ticks_once_and_can_be_started_anew()
    {
        await Grain.StartOnce(_key);
        await Signals.Wait(_key + "1");
        Assert.Equal(1, await Grain.Ticks());
        await Grain.Restart(TimeSpan.Zero);
        await Signals.Wait(_key + "2");
    }

    [Fact]
    public async Task A_failing_timer_goes_on()
    {
        await Grain.StartFailing(_key);
        await Signals.Wait(_key);
        await Grain.Stop();
    }

    [Fact]
    public async Task Deactivation_fires_the_token_of_a_tick()
    {
        await Grain.StartLong(_key, _key + "-cancelled");
        await Signals.Wait(_key);
        await Grain.Cast<IGrainManagementExtension>().DeactivateOnIdle();
        await Signals.Wait(_key + "-cancelled");
    }

    [Fact]
    public async Task Ticks_do_not_inherit_the_request_context()
    {
        Assert.Null(await Grain.ContextInTick());
    }

    [Fact]
    public async Task Impossible_times_are_refused()
    {
        var past = TimeSpan.FromSeconds(-2);
        var tooLong = TimeSpan.FromDays(60);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Grain.StartWith(past, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Grain.StartWith(TimeSpan.Zero, tooLong));
    }
}

public interface IReminderGrain : IGrainWithStringKey
{
    Task Remind(string name, TimeSpan due, TimeSpan period);
    Task<List<string>> Names();
    Task<bool> Has(string name);
    Task Forget(string name);
}

public sealed class ReminderGrain : Grain, IReminderGrain, IRemindable
{
    public Task Remind(string name, TimeSpan due, TimeSpan period) =>
        this.RegisterOrUpdateReminder(name, due, period);

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(r => r.ReminderName)];

    public async Task<bool> Has(string name) => await this.GetReminder(name) is not null;

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (status.Period > TimeSpan.Zero) Signals.Set(this.GetPrimaryKeyString() + reminderName);
        return Task.CompletedTask;
    }
}

public interface IUnremindableGrain : IGrainWithStringKey
{
    Task Remind();
}

public sealed class UnremindableGrain : Grain, IUnremindableGrain
{
    public Task Remind() => this.RegisterOrUpdateReminder("x", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
}

public sealed class ReminderTests(SharedCluster shared)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly string _key = Signals.NewKey();

    private IReminderGrain Grain => shared.Silo.GetGrain<IReminderGrain>(_key);

    [Fact]
    public async Task A_reminder_is_registered_listed_and_removed()
    {
        await Grain.Remind("a", Minute, Minute);
        await Grain.Remind("b", Minute, Minute);
        Assert.Equal(["a", "b"], (await Grain.Names()).Order());
        Assert.True(await Grain.Has("a"));
        await Grain.Forget("a");
        Assert.False(await Grain.Has("a"));
        Assert.Equal(["b"], await Grain.Names());
    }

    [Fact]
    public async Task A_due_reminder_calls_its_grain()
    {
        await Grain.Remind("soon", TimeSpan.FromSeconds(1), Minute);
        await Signals.Wait(_key + "soon");
    }

    [Fact, Trait("category", "runtime-only")]
    public async Task A_reminder_that_falls_due_while_it_is_set_is_not_missed()
    {
        await Grain.Remind("now", TimeSpan.Zero, Minute);
        await Signals.Wait(_key + "now");
    }

    [Fact]
    public async Task Impossible_reminders_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Grain.Remind("a", Minute, TimeSpan.FromMilliseconds(1)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Grain.Remind("a", Timeout.InfiniteTimeSpan, Minute));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Grain.Remind(" ", Minute, Minute));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => shared.Silo.GetGrain<IUnremindableGrain>(_key).Remind());
    }
}
