using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>One named limit; the key is its name.</summary>
[Alias("etl.ILimitGrain"), DefaultGrainType("limit")]
public interface ILimitGrain : IGrainWithStringKey
{
    /// <summary>Asks for it, and waits in line for at most <paramref name="patience"/>. Who is told to wait keeps its place as long as it
    /// goes on asking. Asking again with a ticket that holds it is answered that it does.</summary>
    [Alias("Ask"), AlwaysInterleave]
    Task<LimitAnswer> Ask(LimitAsk ask, TimeSpan patience);

    /// <summary>Leaves the line, or gives back what the ticket holds. A ticket that is not known changes nothing.</summary>
    [Alias("Release"), AlwaysInterleave]
    Task Release(LimitTicket ticket);

    /// <summary>Leaves the line; a ticket that holds the limit goes on to hold it.</summary>
    [Alias("Leave"), AlwaysInterleave]
    Task Leave(LimitTicket ticket);

    /// <summary>The holders are alive. Answers which of them hold nothing any more, and must stop.</summary>
    [Alias("Renew"), AlwaysInterleave]
    Task<ImmutableArray<LimitTicket>> Renew(ImmutableArray<LimitTicket> tickets);

    /// <summary>What people want of it. Null: it is done; saying it twice does no harm.</summary>
    [Alias("Tell"), AlwaysInterleave]
    Task<Fault?> Tell(LimitOrder order);

    /// <summary>Who holds it and who waits; null: there is no such limit, and nobody waits for it.</summary>
    [Alias("View"), AlwaysInterleave]
    Task<LimitView?> View();
}

/// <summary>Reads which limits there are. The key means nothing: any silo answers from the store.</summary>
[Alias("etl.ILimitCatalogGrain"), DefaultGrainType("limit-catalog")]
public interface ILimitCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>One page, by name.</summary>
    [Alias("List"), ReadOnly]
    Task<Listing<LimitSummary>> List(string? cursor, int limit);
}

/// <param name="Namespace">Of its pipeline: namespaces take turns.</param>
/// <param name="Priority">From -100 to 100: who is let in first within a namespace.</param>
/// <param name="Since">When it began to wait.</param>
/// <param name="For">For people: the pipeline and the step.</param>
/// <param name="IsSlice">True: it runs beside other attempts of its stage, of which none takes the place of another.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitAsk)]
public sealed record LimitAsk(
    LimitTicket Ticket, int Weight, int Priority, string Namespace, DateTimeOffset Since, string For,
    bool? IsSlice = null);

/// <summary>What a limit answers to who asks for it.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.LimitAnswer)]
public abstract record LimitAnswer
{
    private LimitAnswer() { }

    /// <summary>The ticket holds it, until it gives it back or is found dead.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.LimitGranted)]
    public sealed record Granted : LimitAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.LimitWaits)]
    public sealed record Waits(LimitWait Wait) : LimitAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.LimitRefused)]
    public sealed record Refused(Fault Fault) : LimitAnswer;
}

/// <summary>What people want of a limit.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.LimitOrder)]
public abstract record LimitOrder
{
    private LimitOrder() { }

    /// <summary>Makes it, or changes it: nobody loses what he holds, also where there is less of it now.</summary>
    /// <param name="UnlessSet">One that is there stays as it is.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.SetLimit)]
    public sealed record Set(LimitSpec Spec, string? By, bool UnlessSet = false) : LimitOrder;

    /// <summary>Refused while somebody holds it or waits.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.DeleteLimit)]
    public sealed record Delete(string? By) : LimitOrder;

    /// <summary>Lets nobody in until it is resumed.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.PauseLimit)]
    public sealed record Pause(string Reason, string? By) : LimitOrder;

    [GenerateSerializer, Immutable, Alias(WireNames.ResumeLimit)]
    public sealed record Resume(string? By) : LimitOrder;

    /// <summary>Takes it from a holder. A step that lives is stopped when it hears of it, and stands in line again.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.FreeLimit)]
    public sealed record Free(LimitTicket Ticket, string Reason, string? By) : LimitOrder;
}
