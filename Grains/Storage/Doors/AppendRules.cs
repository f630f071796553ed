namespace OrleansEtl.Storage;

/// <summary>What every store asks of an append before it takes it.</summary>
internal static class AppendRules
{
    /// <summary>The fence moves with the events: an append without any would hold twice.</summary>
    public static RunAppend Checked(this RunAppend append)
    {
        if (append.Events.IsDefaultOrEmpty) throw new ArgumentException("An append has at least one event.", nameof(append));
        ArgumentOutOfRangeException.ThrowIfNegative(append.ExpectedVersion);
        if (append.Row.Id != append.Run) throw new ArgumentException($"Row of {append.Row.Id} for run {append.Run}.", nameof(append));
        if (append.Fence is not null && append.ExpectedVersion != 0)
            throw new ArgumentException("Only the first append of a run has a start fence.", nameof(append));
        return append;
    }

    public static long NewVersion(this RunAppend append) => append.ExpectedVersion + append.Events.Length;

    /// <summary>A run that has ended is not woken, whatever the append says.</summary>
    public static DateTimeOffset? Wake(this RunAppend append) => append.Row.Status.IsTerminal() ? null : append.WakeAt;

    public static WriteSize Size(this RunAppend append)
    {
        const int HeadRunAndWake = 3, RowBytes = 200;
        var rows = HeadRunAndWake + append.Events.Length + append.Steps.Length + append.Published.Length + append.Results.Length;
        var bytes = (long)rows * RowBytes + (append.Snapshot?.Length ?? 0);
        foreach (var e in append.Events) bytes += e.Length;
        foreach (var dataset in append.Published) bytes += dataset.Manifest.Length;
        foreach (var result in append.Results) bytes += result.Results.Length;
        return new WriteSize(rows, bytes);
    }
}
