using System.Collections.Immutable;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>Remembers what clients asked, were shown and waited for. What is seen a second time is remembered once, so that
/// memory follows the runs and not the time.</summary>
internal sealed class Witness
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (HashSet<RunId> Runs, string Work)> _asked = [];
    private readonly Dictionary<RunId, List<Sighting>> _seen = [];
    private readonly List<Call> _calls = [];

    public int Asked { get { lock (_lock) return _asked.Count; } }

    public void Asks(string key, string work)
    {
        lock (_lock) _asked.TryAdd(key, ([], work));
    }

    public void Answered(string key, RunId run)
    {
        lock (_lock) _asked[key].Runs.Add(run);
    }

    public void Sees(RunId run, RunStatus status, long version, string? faultCode)
    {
        var sighting = new Sighting(run, status, version, faultCode);
        lock (_lock)
        {
            if (!_seen.TryGetValue(run, out var seen)) _seen[run] = seen = [];
            if (seen.Count == 0 || seen[^1] != sighting) seen.Add(sighting);
        }
    }

    /// <summary>Only calls that took long are worth to be remembered.</summary>
    public void Waited(Call call)
    {
        if (call.Took < call.Bound / 2) return;
        lock (_lock) _calls.Add(call);
    }

    public ImmutableArray<(string Key, string Work, ImmutableArray<RunId> Runs)> AllAsked
    {
        get { lock (_lock) return [.. _asked.Select(a => (a.Key, a.Value.Work, a.Value.Runs.ToImmutableArray()))]; }
    }

    public ImmutableArray<Sighting> Sightings { get { lock (_lock) return [.. _seen.Values.SelectMany(s => s)]; } }

    public ImmutableArray<Call> Calls { get { lock (_lock) return [.. _calls]; } }
}
