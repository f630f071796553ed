namespace Orleans.Runtime;

/// <summary>Deactivates what nobody has used for long.</summary>
internal sealed class Collector(SiloNode node)
{
    private int _second;

    public void EverySecond()
    {
        foreach (var workers in node.Catalog.Workers) workers.RemoveIdle(TimeSpan.FromSeconds(1));

        if (++_second % Math.Max(1, (int)node.Collection.CollectionQuantum.TotalSeconds) == 0) Collect(null);
    }

    /// <summary>Deactivates what has been idle for its own age, or for the given one.</summary>
    public void Collect(TimeSpan? age)
    {
        foreach (var activation in node.Catalog.All)
        {
            var limit = AgeOf(activation);
            if (limit == Timeout.InfiniteTimeSpan) continue;
            if (activation.IsIdleFor(age ?? limit))
                activation.Deactivate(new(DeactivationReasonCode.ActivationIdle, "Nobody called for long."));
        }
    }

    private TimeSpan AgeOf(Activation activation)
    {
        if (activation.Traits.CollectionAge is { } own) return own;
        var byClass = node.Collection.ClassSpecificCollectionAge;
        return activation.Class.Type.FullName is { } name && byClass.TryGetValue(name, out var age)
            ? age
            : node.Collection.CollectionAge;
    }
}
