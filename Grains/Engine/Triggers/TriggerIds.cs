using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Engine.Triggers;

public readonly record struct TriggerId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>What a trigger starts a run for, as a name: <c>trigger/orders/inbox/file/…</c>.</summary>
public readonly record struct EventKey(string Value)
{
    public static EventKey Of(TriggerId trigger, string what) => new($"trigger/{trigger}/{what}");

    /// <summary>The id of the run that is started for this: the same for ever after, if the moment is.</summary>
    public RunId Run(DateTimeOffset at) => RunId.New(at, SHA256.HashData(Encoding.UTF8.GetBytes(Value)).AsSpan(0, 10));

    public override string ToString() => Value;
}
