using System.Collections.Immutable;

namespace OrleansEtl.Engine.Limits;

/// <summary>In which order an attempt takes its limits: first those of its run, then its own, each kind by name. Whoever waits for one holds only
/// such as come before it, in this order that is the same for everybody; so however many limits there are, nobody waits in a circle.</summary>
public static class LimitSequence
{
    public static IEnumerable<(LimitUse Use, LimitTicket Ticket)> Of(StageWork work) =>
    [
        .. InOrder(work.RunLimits).Select(use => (use, LimitTicket.Of(work.Run))),
        .. InOrder(work.Limits).Select(use => (use, new LimitTicket(work.Run, work.Stage, work.Attempt))),
    ];

    private static IEnumerable<LimitUse> InOrder(ImmutableArray<LimitUse>? limits) =>
        (limits ?? []).OrderBy(use => use.Name, StringComparer.Ordinal);
}
