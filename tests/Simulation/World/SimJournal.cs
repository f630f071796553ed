using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>The journal as one silo reaches it: late, sometimes not at all, sometimes with the answer lost, and sometimes an append
/// that was given up lands long after.</summary>
internal sealed class SimJournal(World world, Machine machine) : IRunJournal
{
    public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<AppendOutcome>();
        world.Trace.Note("appends", machine.Name, append.Run.Value, append.ExpectedVersion);
        if (world.Sabotage == Sabotage.PublishedBeforeCommit) world.Oracle.Published(append.Published);
        if (world.Sabotage == Sabotage.AnsweredBeforeAppend)
            machine.After(world.Chance.Moment(), () => answer.TrySetResult(
                new AppendOutcome.Stored(append.ExpectedVersion + append.Events.Length)));
        var fate = world.StoreFate();
        if (fate is Fate.Away) machine.After(world.Chance.Between(0.1, 1), () => answer.TrySetException(Faults.StoreAway()));
        if (fate is Fate.Away) return answer.Task;
        var latency = world.StoreLatency();
        if (fate is Fate.Limbo)
        {
            machine.After(latency, () => answer.TrySetException(Faults.StoreAway()));
            latency += world.Chance.Between(0, 6);
        }
        world.Agenda.After(latency, () => Land(append, fate, answer));
        return answer.Task;
    }

    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) =>
        Door.Ask(world, machine, () => world.Store.Journal.Read(run, cancellation));

    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        Door.Ask(world, machine, () => world.Store.Journal.History(run, after, countMax, cancellation));

    public Task HandOver(string driver, CancellationToken cancellation) => Door.Ask(world, machine, async () =>
    {
        await world.Store.Journal.HandOver(driver, cancellation);
        return true;
    });

    private void Land(RunAppend append, Fate fate, TaskCompletionSource<AppendOutcome> answer)
    {
        if (world.Sabotage == Sabotage.FenceIsOff) append = append with { ExpectedVersion = world.Oracle.VersionOf(append.Run) };
        var stored = world.Store.Journal.Append(append, CancellationToken.None).GetAwaiter().GetResult();
        if (stored is AppendOutcome.Stored && world.Oracle.VersionOf(append.Run) == append.ExpectedVersion)
        {
            world.Trace.Note("stored", machine.Name, append.Run.Value, append.ExpectedVersion + append.Events.Length);
            world.Oracle.Stored(append);
        }
        else if (stored is AppendOutcome.Fenced) world.Trace.Note("fenced", machine.Name, append.Run.Value, append.ExpectedVersion);
        if (stored is AppendOutcome.Fenced) world.Count(FaultKinds.Fenced);
        machine.After(world.StoreLatency(), () =>
        {
            if (fate is Fate.AnswerLost) answer.TrySetException(Faults.StoreAway());
            else answer.TrySetResult(stored);
        });
    }
}

/// <summary>What becomes of a request to the store.</summary>
internal enum Fate { Held, Away, AnswerLost, Limbo }

/// <summary>Any other door of the store, as one machine reaches it.</summary>
internal class Door<TDoor> : DispatchProxy where TDoor : class
{
    private World _world = null!;
    private Machine _machine = null!;
    private TDoor _real = null!;

    public static TDoor Of(World world, Machine machine, TDoor real)
    {
        var made = Create<TDoor, Door<TDoor>>();
        var door = (Door<TDoor>)(object)made;
        (door._world, door._machine, door._real) = (world, machine, real);
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        DoorCall.Of(targetMethod!).Ask(_world, _machine, _real, args!);
}

/// <summary>One method of a door, whatever it answers.</summary>
internal abstract class DoorCall
{
    private static readonly ConcurrentDictionary<MethodInfo, DoorCall> Known = new();

    public static DoorCall Of(MethodInfo method) => Known.GetOrAdd(method, static m => (DoorCall)Activator.CreateInstance(
        typeof(DoorCall<>).MakeGenericType(m.ReturnType.GetGenericArguments()), MethodInvoker.Create(m))!);

    public abstract object Ask(World world, Machine machine, object real, object?[] arguments);
}

internal sealed class DoorCall<T>(MethodInvoker method) : DoorCall
{
    public override object Ask(World world, Machine machine, object real, object?[] arguments) =>
        Door.Ask(world, machine, () => (Task<T>)method.Invoke(real, arguments.AsSpan())!);
}

internal static class Door
{
    public static Task<T> Ask<T>(World world, Machine machine, Func<Task<T>> ask)
    {
        var answer = new TaskCompletionSource<T>();
        var fate = world.StoreFate();
        if (fate is not Fate.Held)
        {
            machine.After(world.Chance.Between(0.1, 1), () => answer.TrySetException(Faults.StoreAway()));
            return answer.Task;
        }
        world.Agenda.After(world.StoreLatency(), () =>
        {
            var found = ask(); // a store in memory answers at once
            machine.After(world.StoreLatency(), () => answer.TrySetFromTask(found));
        });
        return answer.Task;
    }
}

internal static class Faults
{
    public static FaultException StoreAway() => new(new Fault(FaultKind.Unavailable, "ETL4110", "The store is away."));
}
