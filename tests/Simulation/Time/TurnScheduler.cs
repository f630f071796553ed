using Orleans.Runtime;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Where the awaits of one activation come back: its work runs one piece at a time, in the order of arrival, each piece as an
/// event of its own, so that the pieces of different activations mix in every order.</summary>
internal sealed class TurnScheduler(Machine machine, IGrainContext? context = null) : TaskScheduler
{
    [ThreadStatic] private static TurnScheduler? t_running;

    private readonly Queue<Task> _tasks = new();
    private bool _isDue;

    public override int MaximumConcurrencyLevel => 1;

    public Task Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    public Task<T> Run<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    protected override void QueueTask(Task task)
    {
        if (!machine.World.IsOnItsThread) return;
        _tasks.Enqueue(task);
        if (_isDue) return;
        _isDue = true;
        machine.After(machine.World.Chance.Moment(), Turn);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(t_running, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;

    private void Turn()
    {
        var outer = (t_running, RuntimeContext.Current);
        (t_running, RuntimeContext.Current) = (this, context);
        try
        {
            TryExecuteTask(_tasks.Dequeue());
        }
        finally
        {
            (t_running, RuntimeContext.Current) = outer;
        }
        if (_tasks.Count > 0) machine.After(machine.World.Chance.Moment(), Turn);
        else _isDue = false;
    }
}
