using System.Globalization;

namespace OrleansEtl.Storage;

/// <summary>The processes of this host, from <c>/proc</c>.</summary>
public static class HostProcesses
{
    /// <summary>This process as a driver.</summary>
    /// <param name="id">Unique for each start of a process.</param>
    public static Driver Here(string id, DateTimeOffset now) =>
        new(id, Host(), Environment.ProcessId, Start(Environment.ProcessId) ?? "", now);

    /// <summary>Processes see each other by number only within one process namespace: a container is a host of its own.</summary>
    internal static string Host()
    {
        var space = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name;
        return $"{Environment.MachineName} {space}";
    }

    /// <summary>The boot and the tick in which a process started; null when it is gone. Numbers are used again, also after a reboot,
    /// but not together with the tick and the boot.</summary>
    internal static string? Start(int processId)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            // The name stands in brackets and may hold anything, brackets too; the fields are counted after the last one.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var (state, startTick) = (fields[0], fields[19]);
            return state is "Z" or "X" ? null : $"{Boot.Value} {startTick}";
        }
        catch (IOException)
        {
            return null; // no such process, or it went while its file was read
        }
    }

    private static readonly Lazy<string> Boot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
}
