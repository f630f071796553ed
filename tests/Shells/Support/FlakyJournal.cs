using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>A journal that can be away, before an append is stored or after: then its answer is lost. It says what has been stored, so
/// that a test need not ask a run, which would take it up.</summary>
internal sealed class FlakyJournal(IRunJournal inner) : IRunJournal
{
    private readonly Lock _lock = new();
    private readonly Channel<long> _readAt = Channel.CreateUnbounded<long>();
    private readonly List<(RunId Run, Func<RunAppend, bool> Is, TaskCompletionSource Signal)> _awaited = [];
    private readonly Dictionary<RunId, RunAppend> _last = [];
    private TaskCompletionSource _open = Opened();
    private TaskCompletionSource _hangs = new();
    private int _succeed;
    private int _failBefore;
    private int _failAfter;
    private int _reads;

    public int Reads => _reads;

    public void FailBefore(int appends) => FailFrom(0, appends);

    /// <summary>So many appends succeed, then so many fail.</summary>
    public void FailFrom(int succeed, int appends) => (_succeed, _failBefore) = (succeed, appends);

    public void FailAfter(int appends) => Interlocked.Exchange(ref _failAfter, appends);

    /// <summary>From now on appends wait.</summary>
    public void Hang()
    {
        _hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Done when an append waits.</summary>
    public Task Hangs => _hangs.Task;
    public void GoOn() => _open.SetResult();

    /// <summary>Done when so many events of the run are stored.</summary>
    public Task Stored(RunId run, int events) => When(run, append => append.ExpectedVersion + append.Events.Length >= events);

    /// <summary>Done when the end of the run is stored.</summary>
    public Task End(RunId run) => When(run, append => append.Row.Status.IsTerminal());

    /// <summary>Done when it is stored that nobody is to drive the run any more.</summary>
    public Task Rest(RunId run) => When(run, append => append.Row.Status.IsAtRest());

    public async Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation)
    {
        if (!_open.Task.IsCompleted) _hangs.TrySetResult();
        await _open.Task;
        if (Interlocked.Decrement(ref _succeed) < 0 && Interlocked.Decrement(ref _failBefore) >= 0) throw Away();
        var outcome = await inner.Append(append, cancellation);
        if (outcome is AppendOutcome.Stored) Note(append);
        return Interlocked.Decrement(ref _failAfter) >= 0 ? throw Away() : outcome;
    }

    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        Assert.True(_readAt.Writer.TryWrite(Stopwatch.GetTimestamp()));
        return inner.Read(run, cancellation);
    }

    /// <summary>When it was read for the first time, the next time …: done when it has been.</summary>
    public Task<long> NextRead() => _readAt.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        inner.History(run, after, countMax, cancellation);

    public Task HandOver(string driver, CancellationToken cancellation) => inner.HandOver(driver, cancellation);

    private Task When(RunId run, Func<RunAppend, bool> wanted)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_last.TryGetValue(run, out var last) && wanted(last)) signal.SetResult();
            else _awaited.Add((run, wanted, signal));
        }
        return signal.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private void Note(RunAppend append)
    {
        lock (_lock)
        {
            _last[append.Run] = append;
            foreach (var (run, wanted, signal) in _awaited)
                if (run == append.Run && wanted(append)) signal.TrySetResult();
        }
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private static FaultException Away() => new(new Fault(FaultKind.Unavailable, "ETL4110", "The store is away."));
}
