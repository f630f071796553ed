using System.Collections.Immutable;

namespace OrleansEtl.Engine.Runs;

/// <summary>An item that waits for a run.</summary>
public sealed record ItemChild(int Item, ChildRun Run);

/// <summary>The runs that items of a stage wait for. Each is written down before anybody starts it and stays until its end is heard, so that whoever
/// owns the stage next knows whom to ask and whom to stop. What has ended is kept until the next attempt brings it into the notes.</summary>
/// <param name="UnderWay">At most as many as may run at once.</param>
/// <param name="Ended">In the order of their ends; at most as many as may run at once while one attempt runs, and as many before.</param>
/// <param name="BeingNoted">How many of those the attempt under way writes down.</param>
/// <param name="Doom">What the step fails for when none is under way any more; null: it goes on.</param>
public sealed record ItemChildren(
    ImmutableArray<ItemChild> UnderWay, ImmutableArray<ItemEnd> Ended, int BeingNoted, Fault? Doom = null)
{
    /// <summary>Items that one attempt fills in: its report stays small.</summary>
    public const int FilledMax = 64;

    public static ItemChildren None() => new([], [], 0);

    public ItemChildren Noting() => this with { BeingNoted = Ended.Length };
    public ItemChildren Lost(Fault? doom) => this with { BeingNoted = 0, Doom = Doom ?? doom };
}

public sealed partial record ItemProgress
{
    /// <summary>Characters of a fault that a run remembers of an item; more may be in the notes.</summary>
    private const int FaultCharactersMax = 300;

    /// <summary>What waits for runs is neither sent again nor ended.</summary>
    internal ItemProgress Awaiting(RunEvent.ItemsAwait e)
    {
        var (slice, children, taken) = (Find(e.Attempt)!.Value, Children!, e.Children.Length + e.Ended.Length);
        var next = (this with
        {
            Kept = Kept + e.Kept,
            Flying = Flying.Remove(slice),
            Elsewhere = e.Start > 0 && e.Kept > 0 ? Elsewhere.Add(new ItemNotes(e.Attempt.Number, e.Start)) : Elsewhere,
            Deaths = Without(new ItemRange(slice.From, taken)),
            Children = children with
            {
                UnderWay = children.UnderWay.AddRange(e.Children), Ended = children.Ended.RemoveRange(0, children.BeingNoted), BeingNoted = 0,
            },
        }).Returned(slice, taken, e.At);
        return e.Ended.Aggregate(next, static (items, end) => items.With(end));
    }

    internal ItemProgress Rejoined(ItemEnd end) => (this with
    {
        Children = Children! with { UnderWay = Children.UnderWay.RemoveAll(child => child.Item == end.Item) },
    }).With(end);

    private ItemProgress With(ItemEnd end)
    {
        var fails = end is { Fault: not null, Stopped: false };
        return this with
        {
            Succeeded = Succeeded + (end.Fault is null ? 1 : 0),
            Failed = Failed + (fails ? 1 : 0),
            Faults = fails && Faults.Length < FaultsMax
                ? Faults.Add(new ItemFailure(end.Item, end.Fault! with { Message = Excerpt.Of(end.Fault.Message, FaultCharactersMax), Hint = null })) : Faults,
            Children = Children! with { Ended = Children.Ended.Add(end) },
        };
    }
}
