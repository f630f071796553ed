namespace OrleansEtl.Silo.Queues;

/// <summary>How queues are listened to.</summary>
public sealed record QueueSettings
{
    /// <summary>How often it is looked which triggers there are to listen for.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>The first wait after a broker was lost, or a message could not be taken; it doubles</summary>
    public TimeSpan AgainAfter { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>up to this.</summary>
    public TimeSpan AgainMax { get; init; } = TimeSpan.FromMinutes(1);
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Bytes of a message: it becomes part of a run's journal.</summary>
    public int BodyMax { get; init; } = 64 * 1024;
    /// <summary>Levels of arrays and objects in a message.</summary>
    public int DepthMax { get; init; } = 32;
}
