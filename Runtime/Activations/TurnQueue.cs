using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// The scheduler of one activation: its work runs one item at a time, each as a task of this scheduler, so that
/// awaits come back here and TaskScheduler.Current is this. At most one worker drains the queue at any moment.
/// </summary>
internal sealed class TurnQueue(IGrainContext? context, ILogger log)
    : TaskScheduler, ITurn, IThreadPoolWorkItem, IWorkItemScheduler
{
    // Long enough to spare the pool, short enough not to keep a thread from other activations.
    private const int ItemsMax = 64;

    [ThreadStatic] private static Task? t_starting;

    private readonly Queue<object> _items = new(2);
    private bool _draining;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Queues a request or a task.</summary>
    public void Post(object item)
    {
        lock (_items)
        {
            _items.Enqueue(item);
            if (_draining) return;
            _draining = true;
        }

        Turns.Schedule(this);
    }

    public void QueueAction(Action action) => Run(action);

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    public Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    public Task Run(Func<Task> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    void IThreadPoolWorkItem.Execute() => Turns.Enter(this);

    void ITurn.Run()
    {
        var outer = RuntimeContext.Current;
        RuntimeContext.Current = context;
        try
        {
            for (var left = ItemsMax; left > 0; left--)
            {
                object item;
                lock (_items)
                {
                    if (!_items.TryDequeue(out item!))
                    {
                        _draining = false;
                        return;
                    }
                }

                if (item is Task task) TryExecuteTask(task);
                else RunInTask((Request)item);
            }
        }
        finally
        {
            RuntimeContext.Current = outer;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void RunInTask(Request request)
    {
        var task = new Task(static state => Begin((Request)state!), request, TaskCreationOptions.DenyChildAttach);
        t_starting = task;
        task.Start(this);
        if (task.IsFaulted) log.LogCritical(task.Exception, "A request of {Grain} broke its turn.", context?.GrainId);
    }

    private static void Begin(Request request) => request.Host!.Begin(request);

    protected override void QueueTask(Task task)
    {
        if (ReferenceEquals(t_starting, task))
        {
            t_starting = null;
            TryExecuteTask(task);
        }
        else
        {
            Post(task);
        }
    }

    // Only the worker that drains this queue is in its turn.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && context is not null && ReferenceEquals(RuntimeContext.Current, context)
        && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_items) return [.. _items.OfType<Task>()];
    }
}
