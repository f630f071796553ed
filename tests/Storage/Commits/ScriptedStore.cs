namespace OrleansEtl.Storage.Tests;

/// <summary>A write of which the test says how the store takes it.</summary>
internal sealed record ScriptedWrite(string Key, string Text, int Rows = 1, long Bytes = 1);

/// <summary>A store that waits at a gate before each commit and then does as it is told.</summary>
internal sealed class ScriptedStore : IBatchStore<ScriptedWrite, string>
{
    private readonly Queue<TaskCompletionSource> _gates = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private bool _open;

    /// <summary>What each commit was offered.</summary>
    public List<string[]> Batches { get; } = [];
    public List<string> Stored { get; } = [];
    public int InFlight { get; private set; }
    public int InFlightMax { get; private set; }
    /// <summary>Throws what the store shall fail with.</summary>
    public Action<IReadOnlyList<ScriptedWrite>> Before { get; set; } = _ => { };
    public Action<IReadOnlyList<ScriptedWrite>> After { get; set; } = _ => { };

    public string KeyOf(ScriptedWrite write) => write.Key;
    public WriteSize SizeOf(ScriptedWrite write) => new(write.Rows, write.Bytes);

    public async ValueTask<IReadOnlyList<string>> Commit(IReadOnlyList<ScriptedWrite> batch)
    {
        InFlightMax = Math.Max(InFlightMax, ++InFlight);
        try
        {
            Batches.Add([.. batch.Select(write => write.Text)]);
            await Gate();
            Before(batch);
            foreach (var write in batch)
                if (!Stored.Contains(write.Text)) Stored.Add(write.Text);
            After(batch);
            return [.. batch.Select(write => "stored " + write.Text)];
        }
        finally
        {
            InFlight--;
        }
    }

    private Task Gate()
    {
        lock (_gate)
        {
            if (_open) return Task.CompletedTask;
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _gates.Enqueue(gate);
            _arrived.Release();
            return gate.Task;
        }
    }

    /// <summary>Waits until a commit stands at the gate.</summary>
    public async Task CommitArrives()
    {
        if (!await _arrived.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken))
            throw new TimeoutException("No commit came.");
    }

    public void LetOnePass()
    {
        lock (_gate) _gates.Dequeue().SetResult();
    }

    public void Open()
    {
        lock (_gate)
        {
            _open = true;
            while (_gates.TryDequeue(out var gate)) gate.SetResult();
        }
    }
}
