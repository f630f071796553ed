using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Engine.Runs;

/// <summary>A signal that no step has taken yet.</summary>
public sealed record KeptSignal(string Name, ImmutableArray<Field> Data);

/// <summary>What of a run's signals is stored with its state.</summary>
/// <param name="Keys">Of all signals that ever came with one, below their names.</param>
/// <param name="Digests">For each key, what its signal brought; empty: nobody knows any more. Null: of none is it known.</param>
public sealed record KeptSignals(ImmutableArray<KeptSignal> Signals, ImmutableArray<string> Keys, ImmutableArray<string>? Digests = null);

/// <summary>The signals of a run: those that came before a step waited for them, oldest first, and the stages that wait for one. Each
/// signal is taken by one stage: of those that wait for its name the first of the plan.</summary>
internal sealed record Signals
{
    /// <summary>Signals that nobody has taken; more are a mistake in a loop.</summary>
    public const int KeptMax = 100;
    /// <summary>Data of those, in bytes of JSON: they are part of every snapshot.</summary>
    public const int KeptBytesMax = 1 << 20;
    /// <summary>Keys are remembered as long as the run is; as many as a run may have steps.</summary>
    public const int KeysMax = 10_000;
    public const int KeyLengthMax = 200;

    public static readonly Signals None = new();

    private Signals() { }

    public ImmutableArray<KeptSignal> Kept { get; private init; } = [];
    public int KeptBytes { get; private init; }
    /// <summary>All keys, and the digest of what came with each; empty where it is not known.</summary>
    public ImmutableSortedDictionary<string, string> Keys { get; private init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    private ImmutableSortedSet<(string Name, int Stage)> Listeners { get; init; } = ImmutableSortedSet.Create<(string, int)>(ByName.Order);

    public static Signals Of(KeptSignals? state, IEnumerable<(string? Name, int Stage)> listeners)
    {
        var heard = listeners.Where(listener => listener.Name is not null).Select(listener => (listener.Name!, listener.Stage));
        return None with
        {
            Kept = state?.Signals ?? [],
            KeptBytes = state?.Signals.Sum(Bytes) ?? 0,
            Keys = None.Keys.AddRange((state?.Keys ?? []).Select((key, i) => KeyValuePair.Create(key, state!.Digests?[i] ?? ""))),
            Listeners = None.Listeners.Union(heard),
        };
    }

    /// <summary>Null: there is nothing to store.</summary>
    public KeptSignals? State() =>
        Kept.IsEmpty && Keys.IsEmpty ? null : new KeptSignals(Kept, [.. Keys.Keys], Keys.IsEmpty ? null : [.. Keys.Values]);

    public bool Has(string name, string? key) => key is not null && Keys.ContainsKey(Key(name, key));

    /// <summary>Whether the key is known to have come with something else; what is not known counts as the same.</summary>
    public bool Differs(string name, string? key, ImmutableArray<Field> data) =>
        key is not null && Keys.GetValueOrDefault(Key(name, key)) is { Length: > 0 } digest && digest != Digest(data);

    public Signals With(RunEvent.SignalReceived received)
    {
        var signal = new KeptSignal(received.Name, received.Data);
        return this with
        {
            Kept = Kept.Add(signal),
            KeptBytes = KeptBytes + Bytes(signal),
            Keys = received.Key is { } key ? Keys.SetItem(Key(received.Name, key), Digest(received.Data)) : Keys,
        };
    }

    public Signals Without(KeptSignal taken) => this with { Kept = Kept.Remove(taken), KeptBytes = KeptBytes - Bytes(taken) };
    public Signals Listening(string name, int stage) => this with { Listeners = Listeners.Add((name, stage)) };
    public Signals Deaf(string name, int stage) => this with { Listeners = Listeners.Remove((name, stage)) };

    /// <summary>The oldest that is kept under the name.</summary>
    public KeptSignal? Oldest(string name) => Kept.FirstOrDefault(signal => signal.Name == name);

    /// <summary>The stage that takes the next signal of the name; null: nobody waits for it yet.</summary>
    public int? Listener(string name)
    {
        var at = ~Listeners.IndexOf((name, -1));
        return at < Listeners.Count && Listeners[at].Name == name ? Listeners[at].Stage : null;
    }

    public static int Bytes(ImmutableArray<Field> data) => Encoding.UTF8.GetByteCount(new SpecValue.Map(data).ToJson());

    private static int Bytes(KeptSignal signal) => Bytes(signal.Data);

    /// <summary>The same for the same fields in any order.</summary>
    private static string Digest(ImmutableArray<Field> data)
    {
        var json = new SpecValue.Map([.. data.OrderBy(field => field.Name, StringComparer.Ordinal)]).ToJson();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..16];
    }

    private static string Key(string name, string key) => $"{name}/{key}";

    private sealed class ByName : IComparer<(string Name, int Stage)>
    {
        public static readonly ByName Order = new();

        public int Compare((string Name, int Stage) x, (string Name, int Stage) y) =>
            string.CompareOrdinal(x.Name, y.Name) is not 0 and var names ? names : x.Stage.CompareTo(y.Stage);
    }
}
