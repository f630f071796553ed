using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>A run that was folded once and for all, so that taking it up costs what is left of it and not its whole past. One is due
/// when as many events have come since the last as the run has stages: then snapshots cost each event the same, however long the
/// run is.</summary>
public static class RunSnapshot
{
    /// <summary>The first byte. A later form gets another; each is read for ever.</summary>
    private const byte Json = 1;

    /// <summary>The run that these bytes make.</summary>
    /// <exception cref="FaultException">A later version of the program wrote them.</exception>
    public static Run Replay(this StoredRun stored)
    {
        var run = stored.Snapshot is { } snapshot ? Read(snapshot) : Run.None;
        foreach (var bytes in stored.Events) run = Run.Apply(run, EventCodec.ReadEvent(bytes));
        return run;
    }

    internal static bool IsDue(Run run, long lastVersion, ShellOptions options) =>
        !run.Status.IsAtRest() && run.Version - lastVersion >= Math.Max(options.SnapshotEvents, run.Stages.Count);

    internal static byte[] Write(Run run) => [Json, .. EventCodec.Write(run.State())];

    internal static Run Read(byte[] bytes) => bytes is [Json, ..]
        ? Run.Of(EventCodec.ReadState(bytes.AsSpan(1)))
        : throw new FaultException(new Fault(FaultKind.Bug, "ETL4213",
            "The store holds a snapshot that this version cannot read.", null, "Use the version of etl that wrote it, or a newer one."));
}
