using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>From what somebody outside tells to the run that it is.</summary>
public sealed partial record TriggerDesk
{
    /// <summary>Why no run can be started for it; null: one can, as far as can be seen.</summary>
    public async Task<Fault?> WrongDelivery(TriggerId id, TriggerSpec spec, TriggerDelivery delivery, CancellationToken cancellation)
    {
        try
        {
            await StartOf(id, spec, new TriggerStart("", default, Clock.GetUtcNow(), delivery.What, delivery.Values), cancellation);
            return null;
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            return e.Fault;
        }
    }

    /// <summary>The run of a delivery. The first claim holds for ever, and is there before its run: so the same delivery is the same run also when
    /// the trigger has forgotten it.</summary>
    public async Task<RunId> Claim(TriggerId id, string delivery, CancellationToken cancellation)
    {
        // By its hash: what somebody outside calls a delivery is no part of a key.
        var key = EventKey.Of(id, $"delivery/{delivery}");
        var place = new StateKey($"trigger-delivery/{id}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(delivery)))}", "trigger-delivery");
        while (true)
        {
            var stored = await States.Read(place, cancellation);
            if (stored?.Value is { } earlier) return new RunId(Encoding.UTF8.GetString(earlier));
            var run = key.Run(Clock.GetUtcNow());
            var written = await States.Write(new StateWrite(NewId(), place, stored?.Version ?? 0, Encoding.UTF8.GetBytes(run.Value)), cancellation);
            if (written is StateOutcome.Stored) return run;
        }
    }

    /// <summary>When a pipeline succeeded the last time, and whether something is under way that may change it.</summary>
    public async Task<TriggerCommand.SuccessSeen> SuccessOf(string pipeline, TriggerSpec spec, CancellationToken cancellation)
    {
        var underWay = false;
        foreach (var name in new[] { pipeline, spec.Pipeline }.Distinct())
            underWay |= (await Runs.Runs(new RunQuery(name, UnfinishedOnly: true, Limit: 1), cancellation)).Items.Length > 0;
        // After that: a run that ends in between is seen as its success. Of some, since the newest that began need not be the last that ended.
        var last = (await Runs.Runs(new RunQuery(pipeline, Status: RunStatus.Succeeded, Limit: 20), cancellation)).Items;
        return new TriggerCommand.SuccessSeen(last.Max(run => run.EndedAt), underWay);
    }
}
