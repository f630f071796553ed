namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>The same delivery again changes nothing: its run has the same id.</summary>
    private TriggerDecision Took(TriggerCommand.Delivered delivered, DateTimeOffset now, TriggerBounds bounds)
    {
        var (delivery, run) = (delivered.Delivery, delivered.Run);
        if (Spec!.IsPaused) return TriggerDecision.Refuse(FaultKind.Conflict, TriggerCodes.Paused, $"Trigger {Id} is paused.");
        if (Recent.Exists(one => one.Run == run && one.Outcome != TriggerOutcome.Refused)) return new TriggerDecision.Accepted(this);
        if (Starting.Count >= bounds.StartsMax)
            return TriggerDecision.Refuse(FaultKind.Exhausted, TriggerCodes.TooManyStarts,
                $"{bounds.StartsMax} starts of trigger {Id} are waited for already.", "Send it again later.");
        var start = new TriggerStart(EventKey.Of(Id, $"delivery/{delivery.Key}").Value, run, now, delivery.What, delivery.Values);
        return new TriggerDecision.Accepted(this with
        {
            LastLook = now, Fault = null, Starting = Starting.Add(start),
            Recent = Kept(Recent.RemoveAll(one => one.Run == run).Add(new TriggerStartView(now, delivery.What, TriggerOutcome.Starting, run, null))),
        });
    }
}
