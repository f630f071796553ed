namespace OrleansEtl.Storage;

/// <summary>One append as rows, within the writer's transaction. The fence comes first: when it does not hold, nothing is
/// written.</summary>
internal sealed class AppendRows(Connection connection)
{
    private readonly Statement _firstHead = connection.Prepare(
        "INSERT INTO run_heads (run_id, version) VALUES (?, ?) ON CONFLICT DO NOTHING");
    private readonly Statement _moveHead = connection.Prepare(
        "UPDATE run_heads SET version = ?3 WHERE run_id = ?1 AND version = ?2");
    private readonly Statement _event = connection.Prepare(
        "INSERT INTO journal (run_id, seq, append_id, event) VALUES (?, ?, ?, ?)");
    private readonly Statement _appendId = connection.Prepare("SELECT append_id FROM journal WHERE run_id = ? AND seq = ?");
    private readonly Statement _version = connection.Prepare("SELECT version FROM run_heads WHERE run_id = ?");
    private readonly Statement _snapshot = connection.Prepare("""
        INSERT INTO snapshots (run_id, version, snapshot) VALUES (?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot
        """);
    private readonly Statement _wake = connection.Prepare("""
        INSERT INTO wakes (run_id, due_at) VALUES (?, ?)
        ON CONFLICT (run_id) DO UPDATE SET due_at = excluded.due_at WHERE due_at <> excluded.due_at
        """);
    private readonly Statement _noWake = connection.Prepare("DELETE FROM wakes WHERE run_id = ?");
    private readonly Statement _lastStart = connection.Prepare("SELECT run_id FROM run_starts WHERE start_key = ?");
    private readonly Statement _start = connection.Prepare("""
        INSERT INTO run_starts (start_key, run_id) VALUES (?, ?) ON CONFLICT (start_key) DO UPDATE SET run_id = excluded.run_id
        """);
    private readonly ProjectionRows _projections = new(connection);

    public AppendOutcome Store(RunAppend append)
    {
        if (IsOvertaken(append)) return Settle(append) is AppendOutcome.Fenced { Version: 0 } ? new AppendOutcome.Overtaken() : Settle(append);
        if (!MoveHead(append)) return Settle(append);
        var run = append.Run.Value;
        if (append.Fence is { } fence) _start.Begin().Add(fence.Key).Add(run).Execute();
        var seq = append.ExpectedVersion;
        var id = append.Id.ToByteArray();
        foreach (var e in append.Events)
        {
            _event.Begin().Add(run).Add(++seq).Add(seq == append.ExpectedVersion + 1 ? id : null).Add(e).Execute();
        }
        if (append.Snapshot is { } snapshot) _snapshot.Begin().Add(run).Add(seq).Add(snapshot).Execute();
        _projections.Store(append.Row, isNew: append.ExpectedVersion == 0);
        foreach (var step in append.Steps) _projections.Store(step);
        foreach (var dataset in append.Published) _projections.Publish(dataset);
        foreach (var result in append.Results) _projections.Keep(result);
        if (append.Wake() is { } wake) _wake.Begin().Add(run).Add(Instants.Stored(wake)).Execute();
        else _noWake.Begin().Add(run).Execute();
        return new AppendOutcome.Stored(seq);
    }

    private bool IsOvertaken(RunAppend append) => append.Fence is { } fence
        && _lastStart.Begin().Add(fence.Key).First(row => row.Text(0)) is { } last && last != fence.Last?.Value;

    private bool MoveHead(RunAppend append)
    {
        var (run, version) = (append.Run.Value, append.NewVersion());
        return append.ExpectedVersion == 0
            ? _firstHead.Begin().Add(run).Add(version).Execute() == 1
            : _moveHead.Begin().Add(run).Add(append.ExpectedVersion).Add(version).Execute() == 1;
    }

    /// <summary>The fence does not hold: either this append was stored before and its answer was lost, or somebody else wrote.</summary>
    private AppendOutcome Settle(RunAppend append)
    {
        var id = _appendId.Begin().Add(append.Run.Value).Add(append.ExpectedVersion + 1).First(row => row.BytesOrNull(0));
        if (id is not null && new Guid(id) == append.Id) return new AppendOutcome.Stored(append.NewVersion());
        return new AppendOutcome.Fenced(_version.Begin().Add(append.Run.Value).First(row => row.Long(0)));
    }
}
