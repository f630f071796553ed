using System.Collections.Immutable;
using Orleans.Runtime;

namespace OrleansEtl.Simulation.Tests;

/// <summary>A process: it may freeze and thaw, and die with all that it held. It calls grains and waits for their answers.</summary>
internal class Machine
{
    private readonly Dictionary<long, Pending> _pending = [];
    private DateTimeOffset _frozenUntil;
    private long _calls;

    public Machine(World world, string name, TimeSpan skew)
    {
        (World, Name, Clock) = (world, name, new VirtualClock(this, skew));
        Pool = new TurnScheduler(this);
        EverySecond();
    }

    private sealed record Pending(GrainId Target, SimSilo? SentTo, DateTimeOffset Due, Action<object?, Exception?> Settle);

    public World World { get; }
    public string Name { get; }
    public VirtualClock Clock { get; }
    /// <summary>Where work that is no grain's runs.</summary>
    public TurnScheduler Pool { get; }
    public bool IsDead { get; private set; }
    /// <summary>Whether the host of the dead process still answers that nobody is there.</summary>
    public bool RefusesCalls { get; set; } = true;
    public bool IsFrozen => World.Agenda.Now < _frozenUntil;
    /// <summary>The silos that it takes for active; it may be wrong.</summary>
    public ImmutableArray<SimSilo> View { get; private set; } = [];
    private int _viewVersion;

    /// <summary>Happens here: late when the machine is frozen then, not at all when it is dead.</summary>
    public void After(TimeSpan wait, Action happens) => World.Agenda.After(wait, () => Happen(happens));

    public void Freeze(TimeSpan duration) => _frozenUntil = World.Agenda.Now + duration;

    public virtual void Die() => IsDead = true;

    /// <summary>Hears of a view; who has left it answers nobody any more.</summary>
    public virtual void See(ImmutableArray<SimSilo> view, int version)
    {
        if (version <= _viewVersion) return;
        (View, _viewVersion) = (view, version);
        foreach (var (id, call) in _pending.ToArray())
            if (call.SentTo is { } silo && silo != this && !view.Contains(silo))
                Settle(id, null, new SiloUnavailableException($"{silo.Name} died while {call.Target} was called there."));
    }

    public Task<T> Call<T>(CallShape shape, GrainId target, object?[] arguments)
    {
        var answer = new TaskCompletionSource<T>();
        var letter = new Letter(shape, target, shape.Write(arguments), this, ++_calls, 0);
        var to = Way(target);
        _pending[letter.Id] = new Pending(target, to, World.Agenda.Now + World.ResponseTimeout, (result, error) =>
        {
            if (error is null) answer.TrySetResult((T)result!);
            else answer.TrySetException(error);
        });
        if (World.Sabotage == Sabotage.ReportsAreSentOnce && arguments is [RunCommand.Report])
            Settle(letter.Id, new Answer.Done(RunStatus.Running, 0), null);
        if (World.Sabotage == Sabotage.NothingIsPaidAgain && arguments is [StageWork]) Settle(letter.Id, null, null);
        World.Oracle.Called(target, arguments);
        if (to is null) Settle(letter.Id, null, new SiloUnavailableException("No silo is active."));
        else World.Network.Send(this, to, letter);
        return answer.Task;
    }

    /// <summary>An answer has come, or somebody knows that none will.</summary>
    public void Settle(long call, object? result, Exception? error)
    {
        if (_pending.Remove(call, out var pending)) pending.Settle(result, error);
    }

    protected virtual SimSilo? Way(GrainId target) => View.IsEmpty ? null : World.Chance.Of(View);

    private void Happen(Action happens)
    {
        if (IsDead) return;
        if (IsFrozen) World.Agenda.At(_frozenUntil, () => Happen(happens));
        else happens();
    }

    private void EverySecond() => After(TimeSpan.FromSeconds(1), () =>
    {
        foreach (var (id, call) in _pending.ToArray())
            if (call.Due <= World.Agenda.Now)
                Settle(id, null, new TimeoutException($"No answer from {call.Target} within the response timeout."));
        EverySecond();
    });
}
