using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>The journal of one run as the doors of storage promise it: conditional, atomic with the publications, and an append
/// that is offered again is answered as it was the first time.</summary>
internal sealed class Store(Sabotage sabotage)
{
    private readonly Dictionary<long, bool> _answers = [];

    public List<RunEvent> Journal { get; } = [];
    public List<ImmutableArray<RunEvent>> Batches { get; } = [];

    /// <summary>What readers of datasets have seen appear: the stage and the attempt whose files they are.</summary>
    public List<(int Stage, string Files)> Published { get; } = [];

    public int Fenced { get; private set; }
    public DateTimeOffset? WakeAt { get; private set; }
    public bool Ended => Journal is [.., RunEvent.RunEnded];

    public Run Read() => Journal.Aggregate(Run.None, Run.Apply);

    public bool Append(long id, long expected, ImmutableArray<RunEvent> events, DateTimeOffset? wakeAt)
    {
        if (_answers.TryGetValue(id, out var answered)) return answered;
        if (expected != Journal.Count && sabotage != Sabotage.AppendIgnoresVersion)
        {
            Fenced++;
            return _answers[id] = false;
        }
        Journal.AddRange(events);
        Batches.Add(events);
        WakeAt = wakeAt;
        if (sabotage != Sabotage.PublishedBeforeCommit) Publish(events);
        return _answers[id] = true;
    }

    public void Publish(IEnumerable<RunEvent> events)
    {
        foreach (var succeeded in events.OfType<RunEvent.StageSucceeded>())
            Published.Add((succeeded.Stage, succeeded.Results[0].Outputs[0].Dataset!.Ref.Version));
    }
}
