using System.Net;

namespace OrleansEtl.Silo.Hooks;

/// <summary>Where webhooks are taken, and how much of them.</summary>
/// <param name="At">The address and port; loopback unless somebody says otherwise.</param>
public sealed record HookSettings(IPEndPoint At)
{
    /// <summary>Bytes of a body: it becomes part of a run's journal.</summary>
    public int BodyMax { get; init; } = 64 * 1024;
    /// <summary>Levels of arrays and objects in a body.</summary>
    public int DepthMax { get; init; } = 32;
    /// <summary>How far the time of a request may be from the time here.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>Requests a second that are looked at, of all hooks together, and so many more at once.</summary>
    public int RequestsPerSecond { get; init; } = 50;
    public int RequestsAtOnce { get; init; } = 100;
    /// <summary>Told where they are taken, once they are: with a port that was free, when none was chosen.</summary>
    public Action<string>? Opened { get; init; }
    public int ConnectionsMax { get; init; } = 200;
    /// <summary>How long a request may take to arrive.</summary>
    public TimeSpan ReadPatience { get; init; } = TimeSpan.FromSeconds(15);
}
