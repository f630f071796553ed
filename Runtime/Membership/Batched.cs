namespace Orleans.Runtime.MembershipService;

/// <summary>
/// Runs an action at most once at a time. Whoever asks while it runs gets the next run, together with all others who
/// ask meanwhile: so everybody gets a run that began after he asked.
/// </summary>
internal sealed class Batched<T>(Func<Task<T>> action, TaskScheduler scheduler)
{
    private readonly Lock _gate = new();
    private Task<T>? _running;
    private Task<T>? _next;

    public Task<T> Next()
    {
        lock (_gate)
        {
            if (_next is not null) return _next;
            return _running is { IsCompleted: false } running ? _next = Run(running) : _running = Run(null);
        }
    }

    // Neither on the stack of whoever asks, who may hold a lock, nor in his turn.
    private Task<T> Run(Task? earlier) => Task.Factory.StartNew(async () =>
    {
        if (earlier is null) return await action();
        await earlier.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        lock (_gate)
        {
            _running = _next;
            _next = null;
        }

        return await action();
    }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
}
