using System.Globalization;

namespace OrleansEtl.Warden;

/// <summary>The system's table of processes, as <c>/proc</c> shows it.</summary>
internal static class ProcessTable
{
    public static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), out var process) && Read(process)?.Parent == parent)
                yield return process;
        }
    }

    /// <summary>Null when there is no such process. A line is <c>number (name) state parent group session …</c>, where the name may
    /// hold anything.</summary>
    public static (int Parent, int Session)? Read(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var parts = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 5);
            return (int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
