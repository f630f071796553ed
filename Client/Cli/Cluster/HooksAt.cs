using System.Net;
using OrleansEtl.Silo.Hooks;

namespace OrleansEtl.Cli.Cluster;

/// <summary>Where webhooks are taken, as people write it: <c>8080</c>, <c>0.0.0.0:8080</c>, <c>[::1]:8080</c>.</summary>
internal static class HooksAt
{
    public const string Variable = "ETL_HOOKS";

    /// <summary>Null: nothing is said, and they are taken nowhere.</summary>
    public static HookSettings? Of(Setting? setting, Action<string> opened)
    {
        if (setting is null) return null;
        if (ushort.TryParse(setting.Value, out var port)) return new HookSettings(new IPEndPoint(IPAddress.Loopback, port)) { Opened = opened };
        return setting.Value.Contains(':') && IPEndPoint.TryParse(setting.Value, out var at) && !setting.Value.EndsWith(']')
            ? new HookSettings(at) { Opened = opened }
            : throw Settings.Wrong(setting, $"`{setting.Value}`", "a port such as 8080, or an address and a port such as 10.0.0.5:8080");
    }
}
