using System.Globalization;

namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>One start for each time that it is missed; when its run fails too, the next comes as much later.</summary>
    private Trigger Saw(TriggerCommand.SuccessSeen seen, DateTimeOffset now, TriggerBounds bounds)
    {
        if (Spec!.On is not TriggerSource.OfFreshness source) return this;
        var last = seen.Last ?? Since;
        var since = Success.MissedAt > last ? Success.MissedAt.Value : last;
        var looked = (this with { Success = Success with { Last = seen.Last, IsUnderWay = seen.IsUnderWay } }).Looked(now, bounds.FreshnessEvery);
        if (now - since < source.Within || seen.IsUnderWay) return looked;
        var what = $"no success of {source.Pipeline ?? Spec.Pipeline} since {Moment(last)}";
        return looked.Starts(EventKey.Of(Id, $"missed/{since.UtcTicks.ToString(CultureInfo.InvariantCulture)}"), now, now, what, new SpecValue.Map(
        [
            new Field("pipeline", new SpecValue.Text(source.Pipeline ?? Spec.Pipeline)),
            new Field("last_success", seen.Last is { } at ? new SpecValue.Text(Moment(at)) : new SpecValue.Null()),
        ])) with { Success = looked.Success with { MissedAt = now } };
    }
}

/// <summary>How the pipeline does that a trigger wants to be fresh.</summary>
/// <param name="Last">When it succeeded the last time; null: never.</param>
/// <param name="MissedAt">When the trigger started a run for that the last time.</param>
public sealed record KnownSuccess(DateTimeOffset? Last, bool IsUnderWay, DateTimeOffset? MissedAt)
{
    public static readonly KnownSuccess None = new(null, false, null);
}
