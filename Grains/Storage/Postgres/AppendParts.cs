namespace OrleansEtl.Storage;

/// <summary>A batch of appends by what it needs of a statement: runs that begin, runs that go on, datasets, snapshots.</summary>
internal sealed class AppendParts
{
    // A word is asked for with every row; making it costs more than sending it.
    private static readonly string[] Words = [.. Enum.GetValues<RunStatus>().Select(status => status.Word())];

    public AppendParts(IReadOnlyList<RunAppend> batch)
    {
        Moved = new(batch.Count);
        foreach (var append in batch)
        {
            (append.ExpectedVersion == 0 ? Born : Moved).Add(append);
            Published.AddRange(append.Published);
            Results.AddRange(append.Results);
            if (append.Fence is not null) Fenced.Add(append);
            if (append.Snapshot is not null) Folded.Add(append);
        }
    }

    public List<RunAppend> Born { get; } = [];
    public List<RunAppend> Moved { get; }
    public List<DatasetRow> Published { get; } = [];
    public List<RunAppend> Folded { get; } = [];
    public List<ResultRow> Results { get; } = [];

    /// <summary>Those of <see cref="Born"/> that depend on which other runs there are.</summary>
    public List<RunAppend> Fenced { get; } = [];

    /// <summary>In the order of <see cref="AppendStatement"/>; a part without rows has no parameters.</summary>
    public void Fill(Columns columns)
    {
        if (Fenced.Count > 0) FillFenced(columns);
        if (Born.Count > 0) FillBorn(columns);
        if (Moved.Count > 0) FillMoved(columns);
        if (Published.Count > 0) FillPublished(columns);
        if (Results.Count > 0) FillResults(columns);
        if (Folded.Count > 0)
        {
            columns.Add(Folded, a => a.Run.Value);
            columns.Add(Folded, a => a.NewVersion());
            columns.Add(Folded, a => a.Snapshot!);
        }
        columns.Add(Born.Count + Moved.Count);
    }

    private void FillFenced(Columns columns)
    {
        columns.Add(Fenced, a => PostgresText.Stored(a.Fence!.Key));
        columns.Add(Fenced, a => a.Run.Value);
        columns.Add(Fenced, a => a.Fence!.Last?.Value);
    }

    private void FillResults(Columns columns)
    {
        columns.Add(Results, r => r.ReuseKey);
        columns.Add(Results, r => r.Run.Value);
        columns.Add(Results, r => Instants.Stored(r.DoneAt));
        columns.Add(Results, r => r.Results);
    }

    private void FillBorn(Columns columns)
    {
        columns.Add(Born, a => a.Run.Value);
        columns.Add(Born, a => a.NewVersion());
        columns.Add(Born, a => PostgresText.Stored(a.Row.Pipeline));
        columns.Add(Born, a => PostgresText.Stored(a.Row.Definition));
        columns.Add(Born, a => Instants.Stored(a.Row.StartedAt));
        columns.Add(Born, a => a.Row.RerunOf?.Value);
        FillRow(columns, Born);
        columns.Add(Born, a => PostgresText.Stored(a.Row.RunKey));
        if (Fenced.Count > 0) columns.Add(Born, a => a.Fence is not null);
        columns.Add(Born, a => a.Run.Value);
        FillJournal(columns, Born);
    }

    private void FillMoved(Columns columns)
    {
        columns.Add(Moved, a => a.Run.Value);
        columns.Add(Moved, a => a.NewVersion());
        FillRow(columns, Moved);
        FillJournal(columns, Moved);
    }

    private static void FillRow(Columns columns, List<RunAppend> appends)
    {
        columns.Add(appends, a => Words[(int)a.Row.Status]);
        columns.Add(appends, a => Instants.Stored(a.Row.EndedAt));
        columns.Add(appends, a => Instants.Stored(a.Wake()));
        columns.Add(appends, a => a.Row.StepsTotal);
        columns.Add(appends, a => a.Row.StepsDone);
        columns.Add(appends, a => PostgresText.Stored(a.Row.Driver));
        columns.Add(appends, a => a.Row.FaultCode);
        columns.Add(appends, a => PostgresText.Stored(a.Row.FaultMessage));
    }

    private static void FillJournal(Columns columns, List<RunAppend> appends)
    {
        columns.Add(appends, a => a.ExpectedVersion + 1);
        columns.Add(appends, a => a.Id);
        columns.Add(appends, a => a.Events.Length);
        columns.Add(appends, a => FramedEvents.Pack(a.Events));
        columns.Add(appends, a => PackedSteps.Pack(a.Steps));
    }

    private void FillPublished(Columns columns)
    {
        columns.Add(Published, d => d.Run.Value);
        columns.Add(Published, d => d.Name);
        columns.Add(Published, d => d.Version);
        columns.Add(Published, d => d.Step.Value);
        columns.Add(Published, d => d.Rows);
        columns.Add(Published, d => d.Bytes);
        columns.Add(Published, d => Instants.Stored(d.PublishedAt));
        columns.Add(Published, d => d.Manifest);
    }
}
