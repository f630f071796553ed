using System.Collections.Immutable;

namespace OrleansEtl.Engine.Limits;

/// <summary>
/// A named limit as a value: who holds it, who waits. Like a run it has three pure functions: <see cref="Decide"/>, <see cref="Apply"/> and
/// <see cref="Owed"/>.
///
/// Promised here: no grant goes above the concurrency or the rate; of a stage only the newest attempt holds or waits, and what an older one
/// says changes nothing; slices of a stage that runs for each item are beside each other, and none takes the place of another; who is let in
/// next is so at once when there is enough; namespaces that wait are let in by their shares; nobody is passed by who comes more than ten
/// minutes later in his namespace; what is released is free. Less of a limit than is held takes nothing from anybody. Time alone takes
/// nothing from a holder either: his run is asked.
/// The price: while the next in line waits for more than is free, smaller asks behind it wait too. One that is larger than the whole limit is
/// passed over until there is more of it.
/// Not promised here: that the line outlives its owner. Those in it ask again, and have their places by the time since when they wait.
/// </summary>
public sealed partial record Limit
{
    private Limit(string name) => Name = name;

    /// <summary>A limit that nobody has set: nobody is let in.</summary>
    public static Limit Named(string name) => new(name);

    public string Name { get; }
    public LimitSpec? Spec { get; private init; }
    public LimitPause? Pause { get; private init; }
    public RateLevel Level { get; private init; } = RateLevel.Full;
    /// <summary>The weights of all that hold it.</summary>
    public long Held { get; private init; }
    public LimitLine Line { get; private init; } = LimitLine.Empty;
    /// <summary>What people did, newest first.</summary>
    public ImmutableArray<LimitAct> Acts { get; private init; } = [];
    private ImmutableDictionary<LimitSeat, Hold> Holds { get; init; } = ImmutableDictionary<LimitSeat, Hold>.Empty;

    public int HoldersCount => Holds.Count;
    public IEnumerable<LimitTicket> Holders => Holds.Values.Select(hold => hold.Ask.Ticket);
    public bool IsHeldBy(LimitTicket ticket) => HoldOf(ticket) is not null;

    /// <summary>What the ticket holds; null: nothing.</summary>
    private Hold? HoldOf(LimitTicket ticket) => Holds.GetValueOrDefault(LimitSeat.OfSlice(ticket))
        ?? (Holds.GetValueOrDefault(LimitSeat.OfStage(ticket)) is { } hold && hold.Ask.Ticket == ticket ? hold : null);

    /// <summary>The largest weight that can ever be let in.</summary>
    private int WeightMax => Spec is null ? 0
        : Math.Min(Spec.Concurrency ?? int.MaxValue, Spec.Rate?.Burst ?? int.MaxValue);

    /// <summary>When somebody of that weight may come in; null: not by time alone.</summary>
    private DateTimeOffset? OpenFor(int weight, DateTimeOffset now)
    {
        if (Spec is null || Pause is not null || weight > WeightMax || HoldersCount >= LimitBounds.HoldersMax) return null;
        if (Spec.Concurrency is { } most && Held + weight > most) return null;
        return Spec.Rate is { } rate && Level.OpenAt(rate, weight, now) is var open && open > now ? open : now;
    }

    private int ShareOf(string name)
    {
        foreach (var share in Spec?.Shares ?? [])
            if (share.Namespace == name) return share.Share;
        return 1;
    }

    private sealed record Hold(LimitAsk Ask, DateTimeOffset Since, DateTimeOffset HeardAt);

    /// <summary>What of it must outlive its owner.</summary>
    public LimitState State() => new(
        Spec, Pause, Level == RateLevel.Full ? null : Level.FullAt,
        [.. Holds.Values.OrderBy(hold => hold.Since).Select(hold => new LimitHolding(hold.Ask, hold.Since))], Acts);

    /// <summary>The limit that <see cref="State"/> was taken of, with the line that this one has. Holders that were not known before are
    /// waited for as if they had just been heard of.</summary>
    public Limit With(LimitState state, DateTimeOffset now)
    {
        var holds = state.Holders.ToImmutableDictionary(
            holding => LimitSeat.Of(holding.Ask),
            holding => new Hold(holding.Ask, holding.Since, HoldOf(holding.Ask.Ticket)?.HeardAt ?? now));
        var line = holds.Keys.Select(seat => Line.Of(seat)).OfType<LimitAsk>().Aggregate(Line, (line, ask) => line.Without(ask));
        return this with
        {
            Spec = state.Spec, Pause = state.Pause, Acts = state.Acts, Holds = holds, Line = line,
            Level = state.FullAt is { } at ? new RateLevel(at) : RateLevel.Full,
            Held = holds.Values.Sum(hold => (long)hold.Ask.Weight),
        };
    }
}

/// <summary>What of a limit is stored.</summary>
/// <param name="FullAt">When its rate may be used in full again; null: it may.</param>
public sealed record LimitState(
    LimitSpec? Spec, LimitPause? Pause, DateTimeOffset? FullAt, ImmutableArray<LimitHolding> Holders, ImmutableArray<LimitAct> Acts)
{
    /// <summary>Of a limit that nobody has set.</summary>
    public static readonly LimitState None = new(null, null, null, [], []);
}

public sealed record LimitHolding(LimitAsk Ask, DateTimeOffset Since);
