using System.Collections.Immutable;

namespace OrleansEtl.Engine.Runs;

/// <summary>A slice of neighbouring items that an attempt runs.</summary>
/// <param name="Tries">How often its items were tried before.</param>
/// <param name="HasBegun">Whether it has said that it begins, as only slices must whose processes died before.</param>
public readonly record struct ItemSlice(int Attempt, int From, int Count, int Tries, bool HasBegun = false)
{
    public ItemRange Range => new(From, Count);
}

/// <summary>Neighbouring items that wait for a time, earliest first.</summary>
public readonly record struct ItemRetry(DateTimeOffset At, int From, int Count, int Tries) : IComparable<ItemRetry>
{
    public int CompareTo(ItemRetry other)
    {
        var byTime = At.CompareTo(other.At);
        return byTime != 0 ? byTime : From.CompareTo(other.From);
    }
}

/// <summary>Neighbouring items whose process died so often.</summary>
public readonly record struct ItemDeaths(int From, int Count, int Times)
{
    public int End => From + Count;
}

/// <summary>
/// How far the items of a stage are. Items are known by their place in the list, which lies in the store. Each is in exactly one
/// place: it waits to be sent, waits for its next try, is under way in one slice, or has ended. What has ended is counted, never
/// enumerated: so this stays as small among a million items as among ten. Slices are cut from the front and rejoin what they were cut
/// from, so the ranges are as few as the slices under way.
/// </summary>
/// <param name="Reused">Items that an earlier run has done; they are not in the list.</param>
/// <param name="Left">Items that an earlier run has not done; they are not in the list either.</param>
/// <param name="Kept">Ended items of which something is written down.</param>
/// <param name="Size">How many items the next slice has at most.</param>
/// <param name="Unsent">In their order, apart from each other.</param>
/// <param name="Flying">By their attempts.</param>
/// <param name="Unheard">Attempts of which nothing was heard in the end: what they wrote down does not count.</param>
/// <param name="Elsewhere">Attempts that were begun more than once, with the folder that counts.</param>
/// <param name="Faults">Of the first that failed.</param>
/// <param name="IsGathering">Whether an attempt brings together what the items gave.</param>
/// <param name="Deaths">Items that have not ended and whose process died: each is sent by itself. Apart from each other; null: none.</param>
/// <param name="Children">Null: the items wait for no runs.</param>
public sealed partial record ItemProgress(
    DatasetVersion List, int Reused, int Left, int Succeeded, int Failed, long Kept, int Size, ImmutableArray<ItemRange> Unsent,
    ImmutableArray<ItemSlice> Flying, ImmutableSortedSet<ItemRetry> Retries, ImmutableArray<int> Unheard,
    ImmutableArray<ItemNotes> Elsewhere, ImmutableArray<ItemFailure> Faults, bool IsGathering,
    ImmutableArray<ItemDeaths>? Deaths = null, ItemChildren? Children = null)
{
    /// <summary>Items of one slice: what one message brings, and what is run again when a process dies, stays small.</summary>
    public const int SizeMax = 1024;
    /// <summary>A slice grows at most so much at once: what was quick may have been the exception.</summary>
    private const int Growth = 8;
    /// <summary>How long a slice should take: long beside what sending it costs, short for those who look.</summary>
    public static readonly TimeSpan SliceTime = TimeSpan.FromMilliseconds(250);
    /// <summary>Ranges that wait for their next try; while there are more, nothing else is begun.</summary>
    public const int RetriesMax = 1000;
    /// <summary>Faults that a run remembers; all are in the step's dataset <c>items</c>.</summary>
    public const int FaultsMax = 10;

    public static ItemProgress Of(DatasetVersion list, int reused, int left, ItemChildren? children = null) => new(
        list, reused, left, 0, 0, 0, 1, list.Rows == 0 ? [] : [new ItemRange(0, (int)list.Rows)], [], [], [], [], [], false, Children: children);

    public int Count => (int)List.Rows;
    private int Total => Count + Reused + Left;

    public ItemCounts Counts
    {
        get
        {
            var flying = Flying.Sum(slice => slice.Count) + (Children?.UnderWay.Length ?? 0);
            return new(Total, Succeeded + Reused, Failed + Left, flying, Count - Succeeded - Failed - flying, Reused);
        }
    }

    /// <summary>Whether no item is left to run.</summary>
    public bool AllEnded => Unsent.IsEmpty && Retries.IsEmpty && NoneUnderWay();

    public bool NoneUnderWay() => Flying.IsEmpty && Children is null or { UnderWay.IsEmpty: true };

    /// <summary>Items that have not ended: nobody will run them when they are asked for at the end.</summary>
    public ImmutableArray<ItemRange> NotRun => [.. Unsent, .. Retries.Select(retry => new ItemRange(retry.From, retry.Count))];

    /// <summary>Whether so many failures are no failure of the step.</summary>
    public bool IsBorneBy(ForEachSpec rule) => Failed + Left <= Borne(rule);

    private double Borne(ForEachSpec rule) => rule switch
    {
        { OnItemFailure: not OnItemFailure.Tolerate } => 0,
        { Percent: { } percent } => Total * percent / 100,
        _ => rule.Count ?? 0,
    };

    /// <summary>Whether the step has failed already, so that nothing more needs to run.</summary>
    public bool IsHalted(ForEachSpec rule) => Children is { Doom: not null } || rule.OnItemFailure != OnItemFailure.Continue && Failed > Borne(rule);

    /// <summary>When time alone lets something begin; null: never.</summary>
    public DateTimeOffset? WakeAt(ForEachSpec rule) =>
        Retries.IsEmpty || IsGathering || Room(rule) <= 0 || IsHalted(rule) ? null : Retries.Min.At;

    public ItemSlice? Find(Attempt attempt)
    {
        foreach (var slice in Flying)
            if (slice.Attempt == attempt.Number) return slice;
        return null;
    }

    /// <summary>Slices to send now, three numbers each: those whose next try is due, then others.</summary>
    public ImmutableArray<int> Due(ForEachSpec rule, DateTimeOffset now)
    {
        var (rest, slices) = (this, ImmutableArray.CreateBuilder<int>());
        for (var room = Room(rule); room > 0; room--)
        {
            ItemSlice slice;
            if (!rest.Retries.IsEmpty && rest.Retries.Min is var retry && retry.At <= now)
                slice = new ItemSlice(0, retry.From, Apart(retry.From, Math.Min(retry.Count, rest.SizeNow(rule))), retry.Tries);
            else if (!rest.Unsent.IsEmpty && rest.Retries.Count < RetriesMax)
                slice = new ItemSlice(
                    0, rest.Unsent[0].From, Apart(rest.Unsent[0].From, Math.Min(rest.Unsent[0].Count, rest.SizeOfNew(rule))), 0);
            else break;
            rest = rest.Cut(slice);
            slices.AddRange(slice.From, slice.Count, slice.Tries);
        }
        return slices.DrainToImmutable();
    }

    /// <summary>How many slices may be sent. Runs that items wait for are made room for one slice after another: it takes the place of as many runs
    /// as it has items.</summary>
    private int Room(ForEachSpec rule) => Children is not { } children ? rule.Concurrency - Flying.Length
        : Flying.IsEmpty && children.UnderWay.Length < rule.Concurrency ? 1 : 0;

    private int SizeNow(ForEachSpec rule) =>
        Children is not { } children ? Size : Math.Min(ItemChildren.FilledMax, rule.Concurrency - children.UnderWay.Length);

    /// <summary>Towards the end the slices become smaller, so that all who may run something do.</summary>
    private int SizeOfNew(ForEachSpec rule) => Children is not null ? SizeNow(rule)
        : Math.Min(Size, (Unsent.Sum(range => range.Count) + rule.Concurrency - 1) / rule.Concurrency);

    /// <summary>Without the items of the slice, which stand at the front of what is due or of what was never sent.</summary>
    private ItemProgress Cut(ItemSlice slice)
    {
        if (!Unsent.IsEmpty && Unsent[0].From == slice.From)
        {
            var range = Unsent[0];
            return this with
            {
                Unsent = range.Count == slice.Count ? Unsent.RemoveAt(0)
                    : Unsent.SetItem(0, new ItemRange(slice.From + slice.Count, range.Count - slice.Count)),
            };
        }
        var retry = Retries.Min;
        var without = Retries.Remove(retry);
        return this with
        {
            Retries = retry.Count == slice.Count ? without
                : without.Add(retry with { From = slice.From + slice.Count, Count = retry.Count - slice.Count }),
        };
    }

    public ItemProgress Sent(Attempt first, ImmutableArray<int> slices)
    {
        var (next, flying) = (this, Flying.ToBuilder());
        for (var i = 0; i < slices.Length; i += 3)
        {
            var slice = new ItemSlice(first.Number + i / 3, slices[i], slices[i + 1], slices[i + 2]);
            next = next.Cut(slice);
            flying.Add(slice);
        }
        return next with { Flying = flying.DrainToImmutable(), Children = Children?.Noting() };
    }

    public ItemProgress Ended(RunEvent.ItemsEnded e)
    {
        var slice = Find(e.Attempt)!.Value;
        var again = e.Retries.Sum(retry => retry.Count);
        return (this with
        {
            Succeeded = Succeeded + e.Done - e.Failed - again,
            Failed = Failed + e.Failed,
            Kept = Kept + e.Kept,
            Size = e.Next,
            Flying = Flying.Remove(slice),
            Retries = Retries.Union(e.Retries),
            Faults = Faults.AddRange(e.Faults),
            Elsewhere = e.Start > 0 && e.Kept > 0 ? Elsewhere.Add(new ItemNotes(e.Attempt.Number, e.Start)) : Elsewhere,
            Deaths = Without(new ItemRange(slice.From, e.Done)),
        }).Returned(slice, e.Done, e.At);
    }

    public ItemProgress HandedBack(RunEvent.ItemsHandedBack e)
    {
        var slice = Find(e.Attempt)!.Value;
        return (this with { Flying = Flying.Replace(slice, slice with { Count = e.Keeps }), Size = 1 }).Returned(slice, e.Keeps, e.At);
    }

    public ItemProgress Lost(RunEvent.ItemsLost e)
    {
        var slice = Find(e.Attempt)!.Value;
        var next = this with
        {
            Flying = Flying.Remove(slice), Unheard = Unheard.Add(slice.Attempt), Children = Children?.Lost(e.Why),
            Deaths = e.Died == true ? [.. Without(slice.Range) ?? [], new ItemDeaths(slice.From, slice.Count, DeathsOf(slice.Range) + 1)] : Deaths,
        };
        return e.Until is { } until
            ? next with { Retries = next.Retries.Add(new ItemRetry(until, slice.From, slice.Count, slice.Tries)) }
            : next.Returned(slice, 0, e.At);
    }

    /// <summary>What a slice has after its first items waits again: as it did before.</summary>
    private ItemProgress Returned(ItemSlice slice, int after, DateTimeOffset now)
    {
        if (after >= slice.Count) return this;
        var range = new ItemRange(slice.From + after, slice.Count - after);
        return slice.Tries > 0
            ? this with { Retries = Retries.Add(new ItemRetry(now, range.From, range.Count, slice.Tries)) }
            : this with { Unsent = Joined(Unsent, range) };
    }

    /// <summary>How often the process of any of these items has died.</summary>
    public int DeathsOf(ItemRange range)
    {
        var times = 0;
        foreach (var deaths in Deaths ?? [])
            if (deaths.From < range.End && range.From < deaths.End) times = Math.Max(times, deaths.Times);
        return times;
    }

    private ImmutableArray<ItemDeaths>? Without(ItemRange range)
    {
        if (Deaths is not { } all) return null;
        ImmutableArray<ItemDeaths> rest =
        [
            .. all.SelectMany(deaths => new[]
            {
                deaths with { Count = Math.Min(deaths.End, range.From) - deaths.From },
                deaths with { From = Math.Max(deaths.From, range.End), Count = deaths.End - Math.Max(deaths.From, range.End) },
            }).Where(deaths => deaths.Count > 0),
        ];
        return rest.IsEmpty ? null : rest;
    }

    /// <summary>How many of so many items from here go together: one whose process died goes by itself.</summary>
    private int Apart(int from, int count)
    {
        foreach (var deaths in Deaths ?? [])
            if (deaths.End > from) count = Math.Min(count, Math.Max(1, deaths.From - from));
        return count;
    }

    private static ImmutableArray<ItemRange> Joined(ImmutableArray<ItemRange> ranges, ItemRange one)
    {
        var at = 0;
        while (at < ranges.Length && ranges[at].From < one.From) at++;
        if (at < ranges.Length && ranges[at].From == one.End) (one, ranges) = (new ItemRange(one.From, one.Count + ranges[at].Count), ranges.RemoveAt(at));
        return at > 0 && ranges[at - 1].End == one.From
            ? ranges.SetItem(at - 1, new ItemRange(ranges[at - 1].From, ranges[at - 1].Count + one.Count))
            : ranges.Insert(at, one);
    }

    /// <summary>How many items the next slice may have, as it looks after one that took so long.</summary>
    public int SizeAfter(int done, TimeSpan took)
    {
        if (done == 0) return 1;
        var fitting = took <= TimeSpan.Zero ? SizeMax : (long)(SliceTime / (took / done));
        return (int)Math.Clamp(fitting, 1, Math.Min(SizeMax, (long)Size * Growth));
    }
}
