using Microsoft.Extensions.Logging;
using Orleans;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>Gives limits back, beside everything else. A limit that cannot be reached in time asks by itself whether its holders live.</summary>
public sealed partial class LimitReturns(IGrainFactory grains, ShellOptions options, TimeProvider clock, ILogger<LimitReturns> log)
{
    /// <summary>What is held or waited for by attempts of this process, and what is being given back.</summary>
    public UnderWay UnderWay { get; } = new();

    /// <summary>What the ticket holds, and its place in line.</summary>
    internal void GiveBack(string limit, LimitTicket ticket) => _ = UnderWay.Begin(() => Until(limit, ticket, grain => grain.Release(ticket)));

    /// <summary>Its place in line alone.</summary>
    internal void LeaveLine(string limit, LimitTicket ticket) => _ = UnderWay.Begin(() => Until(limit, ticket, grain => grain.Leave(ticket)));

    private async Task Until(string limit, LimitTicket ticket, Func<ILimitGrain, Task> say)
    {
        var until = clock.GetUtcNow() + LimitBounds.HolderPatience;
        for (var wait = options.PayAgain; clock.GetUtcNow() < until; wait *= 2)
            try
            {
                await say(grains.GetGrain<ILimitGrain>(limit));
                return;
            }
            catch (Exception e) // its silo or the store is away, or this process ends
            {
                LogUnheard(limit, ticket.ToString(), e.Message);
                await Task.Delay(wait, clock);
            }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "limit {limit} did not hear that {ticket} is done, is told again: {reason}")]
    private partial void LogUnheard(string limit, string ticket, string reason);
}
