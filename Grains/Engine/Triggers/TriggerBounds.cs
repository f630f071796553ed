namespace OrleansEtl.Engine.Triggers;

/// <summary>How much a trigger may hold and do.</summary>
/// <param name="FilesMax">Files that match, and that it remembers: it is stored with each look.</param>
/// <param name="IdentifiedMax">Files whose content is read at one look; the others' turn comes with the next.</param>
/// <param name="ReadBytesMax">Bytes that are read at one look, but for a first file that has more.</param>
/// <param name="BatchMax">Files of one run: their names are in its journal.</param>
/// <param name="StartsMax">Starts that are decided and not made yet; what happens beyond them is decided later.</param>
/// <param name="BeforeMax">Runs that succeeded before a trigger was made among which it looks for the version that was there then.</param>
/// <param name="RunsMax">Unfinished runs of another pipeline that it keeps in sight.</param>
/// <param name="DepthMax">How many runs may have started one another.</param>
/// <param name="LateMax">So much later than its id says a run may begin and end unseen, and is heard of all the same.</param>
/// <param name="RunsEvery">How often it is looked which runs have ended.</param>
/// <param name="FreshnessEvery">How often it is looked when a pipeline succeeded the last time.</param>
/// <param name="FaultMax">The longest wait after a look that failed; it begins with that of a look that did not.</param>
public sealed record TriggerBounds(
    int FilesMax, int IdentifiedMax, long ReadBytesMax, int BatchMax, int StartsMax, int RunsMax, int BeforeMax,
    int DepthMax, TimeSpan LateMax, TimeSpan RunsEvery, TimeSpan FreshnessEvery, TimeSpan FaultMax)
{
    public static readonly TriggerBounds Default = new(
        FilesMax: 10_000, IdentifiedMax: 500, ReadBytesMax: 256L << 20, BatchMax: 500, StartsMax: 200,
        RunsMax: 10_000, BeforeMax: 100, DepthMax: 16,
        LateMax: TimeSpan.FromMinutes(10), RunsEvery: TimeSpan.FromSeconds(2), FreshnessEvery: TimeSpan.FromSeconds(10),
        FaultMax: TimeSpan.FromMinutes(1));
}
