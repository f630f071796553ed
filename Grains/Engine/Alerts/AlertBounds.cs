namespace OrleansEtl.Engine.Alerts;

/// <summary>How much alerts may hold and take.</summary>
/// <param name="LookEvery">How often it is asked what became of runs of which nothing was heard: their ends are told at once, and this finds
/// those that were not.</param>
/// <param name="UnstartedMax">How long a start that was announced may yet be stored: longer than any call takes.</param>
/// <param name="HeldEvery">How often it is looked whether a run that is held, or would be late, still is, and whether a silence still holds.</param>
/// <param name="OpenMax">Runs of one pipeline that are asked after; of more only those whose end is told are heard of.</param>
/// <param name="EndedMax">Ended runs that are remembered, so that none is heard of twice.</param>
/// <param name="KeptMax">Alerts of one pipeline that are kept, the newest.</param>
/// <param name="TriesMax">Tries of one message on one channel: with these waits about a day, so that a night's outage loses nothing.</param>
/// <param name="WaitFirst">After the first try that failed; each next wait is <paramref name="WaitFactor"/> times as long.</param>
/// <param name="SendWithin">No try takes longer, whatever the other side does.</param>
/// <param name="UnheardAfter">A try of which nothing was heard for so long is made again by whoever comes: its process died.</param>
public sealed record AlertBounds(
    TimeSpan LookEvery, TimeSpan UnstartedMax, TimeSpan HeldEvery, int OpenMax, int EndedMax, int KeptMax, int TriesMax, TimeSpan WaitFirst,
    double WaitFactor, TimeSpan WaitMax, TimeSpan SendWithin, TimeSpan UnheardAfter)
{
    public static readonly AlertBounds Default = new(
        LookEvery: TimeSpan.FromSeconds(30), UnstartedMax: TimeSpan.FromMinutes(5), HeldEvery: TimeSpan.FromMinutes(1), OpenMax: 1_000,
        EndedMax: 100, KeptMax: 50, TriesMax: 30, WaitFirst: TimeSpan.FromSeconds(5), WaitFactor: 3, WaitMax: TimeSpan.FromHours(1),
        SendWithin: TimeSpan.FromSeconds(15), UnheardAfter: TimeSpan.FromSeconds(30));

    /// <summary>The wait after the try of this number, from 1.</summary>
    public TimeSpan Wait(int tries)
    {
        var seconds = WaitFirst.TotalSeconds * Math.Pow(WaitFactor, tries - 1);
        return seconds < WaitMax.TotalSeconds ? TimeSpan.FromSeconds(seconds) : WaitMax;
    }
}
