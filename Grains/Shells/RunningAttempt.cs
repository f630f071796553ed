using System.Collections.Immutable;

namespace OrleansEtl.Shells;

/// <summary>An attempt that runs on this silo. Its parts are read and stopped from any thread.</summary>
internal sealed class RunningAttempt(StageWork work, DateTimeOffset begunAt, CancellationToken closing) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(closing);
    private StepProgress[] _progress = [];
    private LimitWait? _limit;

    public StageWork Work => work;
    public DateTimeOffset BegunAt => begunAt;
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Whether a heartbeat is under way; only the pulse reads and writes it.</summary>
    public bool Beating { get; set; }

    /// <summary>When its last heartbeat began; only the pulse reads and writes it.</summary>
    public DateTimeOffset BeatAt { get; set; }

    /// <summary>The named limit that it waits for; null: none.</summary>
    public LimitWait? Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    public ImmutableArray<StepProgress> Progress => [.. Volatile.Read(ref _progress)];

    public void Say(ImmutableArray<StepProgress> progress) => Volatile.Write(ref _progress, [.. progress]);

    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException) // it has just ended by itself
        {
        }
    }

    public void Dispose() => _stop.Dispose();
}
