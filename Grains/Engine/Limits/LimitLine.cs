using System.Collections.Immutable;

namespace OrleansEtl.Engine.Limits;

/// <summary>
/// Those who wait for a limit. Namespaces take turns: each has a pass, which moves on by what is let in over its share, and the one with the
/// lowest pass is next; who comes back does so where he was, or where the others are now, so that nobody saves turns up or cheats by coming
/// one at a time. Within a namespace the longest wait is first, priority counting as time that was waited.
/// </summary>
public sealed record LimitLine
{
    /// <summary>The pass of a weight of 1 with a share of 1; divisible by every share up to ten, and large beside the rest of the
    /// others.</summary>
    private const long Step = 2520 << 8;
    /// <summary>Passes of namespaces that do not wait, beside those that do, before the outdated ones are forgotten.</summary>
    private const int PassesKept = 64;

    public static readonly LimitLine Empty = new();

    private LimitLine() { }

    private ImmutableDictionary<LimitSeat, Waiting> Seats { get; init; } = ImmutableDictionary<LimitSeat, Waiting>.Empty;
    private ImmutableDictionary<string, ImmutableSortedSet<LimitPlace>> Queues { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<LimitPlace>>(StringComparer.Ordinal);
    /// <summary>Whose turn it is: the namespaces that wait, lowest pass first.</summary>
    private ImmutableSortedSet<Turn> Turns { get; init; } = [];
    /// <summary>Of all that were let in since the line was last empty; when nobody waits, nobody is owed a turn.</summary>
    private ImmutableDictionary<string, long> Passes { get; init; } = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);
    private long Pass { get; init; }
    private long Arrivals { get; init; }

    public int Count => Seats.Count;
    public IEnumerable<LimitAsk> All => Seats.Values.Select(waiting => waiting.Ask);

    /// <summary>The ask of that seat, whichever attempt it is; null: it does not wait.</summary>
    public LimitAsk? Of(LimitSeat seat) => Seats.GetValueOrDefault(seat)?.Ask;
    /// <summary>The ask of that ticket; null: it does not wait.</summary>
    public LimitAsk? Of(LimitTicket ticket) =>
        Of(LimitSeat.OfSlice(ticket)) ?? (Of(LimitSeat.OfStage(ticket)) is { } ask && ask.Ticket == ticket ? ask : null);
    public bool Has(LimitTicket ticket) => Of(ticket) is not null;

    /// <summary>Those that were last heard of before then.</summary>
    public IEnumerable<LimitTicket> SilentSince(DateTimeOffset then) =>
        Seats.Values.Where(waiting => waiting.HeardAt < then).Select(waiting => waiting.Ask.Ticket);

    public LimitLine With(LimitAsk ask, DateTimeOffset now)
    {
        var place = LimitPlace.Of(ask, now, Arrivals);
        var queue = Queues.GetValueOrDefault(ask.Namespace) ?? [];
        var pass = Math.Max(Passes.GetValueOrDefault(ask.Namespace), Pass);
        return this with
        {
            Arrivals = Arrivals + 1,
            Seats = Seats.SetItem(LimitSeat.Of(ask), new Waiting(ask, place, now)),
            Queues = Queues.SetItem(ask.Namespace, queue.Add(place)),
            Turns = queue.IsEmpty ? Turns.Add(new Turn(pass, ask.Namespace)) : Turns,
            Passes = queue.IsEmpty ? Passes.SetItem(ask.Namespace, pass) : Passes,
        };
    }

    public LimitLine Heard(LimitAsk ask, DateTimeOffset now)
    {
        var seat = LimitSeat.Of(ask);
        return this with { Seats = Seats.SetItem(seat, Seats[seat] with { HeardAt = now }) };
    }

    /// <summary>Without one that has left by itself.</summary>
    public LimitLine Without(LimitAsk ask) => Without(Seats[LimitSeat.Of(ask)], Passes.GetValueOrDefault(ask.Namespace), Pass);

    /// <summary>Without one that was let in: its namespace has had its turn.</summary>
    public LimitLine LetIn(LimitAsk ask, int share)
    {
        var pass = Passes.GetValueOrDefault(ask.Namespace);
        return Without(Seats[LimitSeat.Of(ask)], pass + Step / share * ask.Weight, Math.Max(Pass, pass));
    }

    /// <summary>Who is let in next of those that may ever be; null: nobody of them waits.</summary>
    public LimitAsk? Next(int weightMax)
    {
        foreach (var turn in Turns)
            foreach (var place in Queues[turn.Namespace])
                if (Seats[place.Seat].Ask is var ask && ask.Weight <= weightMax) return ask;
        return null;
    }

    /// <summary>How many are let in before it, as it looks now and as if all had the same weight.</summary>
    public int Before(LimitAsk ask, Func<string, int> share)
    {
        var waiting = Seats[LimitSeat.Of(ask)];
        var mine = waiting.Ask.Namespace;
        var index = Queues[mine].IndexOf(waiting.Place);
        var turn = new Turn(Passes[mine] + index * (Step / share(mine)), mine);
        var before = index;
        foreach (var other in Turns)
        {
            if (other.Namespace == mine) continue;
            if (other.CompareTo(turn) > 0) break;
            var step = Step / share(other.Namespace);
            var turns = (turn.Pass - other.Pass) / step;
            if (new Turn(other.Pass + turns * step, other.Namespace).CompareTo(turn) < 0) turns++;
            before += (int)Math.Min(turns, Queues[other.Namespace].Count);
        }
        return before;
    }

    private LimitLine Without(Waiting waiting, long pass, long others)
    {
        var (name, seats) = (waiting.Ask.Namespace, Seats.Remove(LimitSeat.Of(waiting.Ask)));
        if (seats.IsEmpty) return Empty with { Arrivals = Arrivals };
        var queue = Queues[name].Remove(waiting.Place);
        var turns = Turns.Remove(new Turn(Passes[name], name));
        return this with
        {
            Seats = seats,
            Queues = queue.IsEmpty ? Queues.Remove(name) : Queues.SetItem(name, queue),
            Turns = queue.IsEmpty ? turns : turns.Add(new Turn(pass, name)),
            Passes = Current(Passes.SetItem(name, pass), others),
            Pass = others,
        };
    }

    /// <summary>A pass that the others have reached says nothing any more.</summary>
    private ImmutableDictionary<string, long> Current(ImmutableDictionary<string, long> passes, long others) =>
        passes.Count <= 2 * Queues.Count + PassesKept ? passes
            : passes.RemoveRange(passes.Where(one => one.Value <= others && !Queues.ContainsKey(one.Key)).Select(one => one.Key));

    private sealed record Waiting(LimitAsk Ask, LimitPlace Place, DateTimeOffset HeardAt);

    private readonly record struct Turn(long Pass, string Namespace) : IComparable<Turn>
    {
        public int CompareTo(Turn other) =>
            Pass != other.Pass ? Pass.CompareTo(other.Pass) : string.CompareOrdinal(Namespace, other.Namespace);
    }
}

/// <summary>What an ask is for. Of a stage only the newest attempt counts, whichever it is; a slice has a seat of its own.</summary>
/// <param name="Slice">The attempt that runs the slice; null: it is the stage's, or the run's.</param>
public readonly record struct LimitSeat(RunId Run, int? Stage, Attempt? Slice)
{
    public static LimitSeat Of(LimitAsk ask) => ask.IsSlice is true ? OfSlice(ask.Ticket) : OfStage(ask.Ticket);
    public static LimitSeat OfStage(LimitTicket ticket) => new(ticket.Run, ticket.Stage, null);
    public static LimitSeat OfSlice(LimitTicket ticket) => new(ticket.Run, ticket.Stage, ticket.Attempt);
}

/// <summary>Where an ask stands within its namespace: by the time since when it waits, priority counting as a longer wait.</summary>
internal readonly record struct LimitPlace(DateTimeOffset Rank, long Arrival, LimitSeat Seat) : IComparable<LimitPlace>
{
    /// <summary>Nobody waits since a time to come, or for longer than anything lasts.</summary>
    public static LimitPlace Of(LimitAsk ask, DateTimeOffset now, long arrival)
    {
        var since = ask.Since > now ? now : ask.Since < now - Durations.Max ? now - Durations.Max : ask.Since;
        var priority = Math.Clamp(ask.Priority, -LimitBounds.PriorityMax, LimitBounds.PriorityMax);
        return new LimitPlace(since - priority * LimitBounds.PriorityWorth, arrival, LimitSeat.Of(ask));
    }

    public int CompareTo(LimitPlace other) => Rank != other.Rank ? Rank.CompareTo(other.Rank) : Arrival.CompareTo(other.Arrival);
}
