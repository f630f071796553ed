using System.Globalization;

namespace OrleansEtl.Silo.Embedded;

/// <summary>The place of the one process that drives a home. It is a lock on a file, which the system gives back when the process dies.</summary>
internal sealed class HomeSeat : IDisposable
{
    private readonly FileStream _file;

    private HomeSeat(FileStream file) => _file = file;

    /// <exception cref="FaultException">Conflict: another process has it.</exception>
    public static HomeSeat Take(string home)
    {
        Directory.CreateDirectory(home);
        try
        {
            var seat = new HomeSeat(new FileStream(PathOf(home), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            File.WriteAllText(NotePath(home), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return seat;
        }
        catch (IOException)
        {
            throw new FaultException(new Fault(FaultKind.Conflict, "ETL3835",
                $"The home {home} is driven by another process already{(Holder(home) is { } process ? $", {process}" : "")}.", null,
                "Its schedules and runs are seen to: look at them with etl schedules list and etl runs list."));
        }
    }

    /// <summary>Whether some process has it now.</summary>
    public static bool IsTaken(string home)
    {
        if (!File.Exists(PathOf(home))) return false;
        try
        {
            using var free = new FileStream(PathOf(home), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _file.Dispose();

    private static string PathOf(string home) => Path.Combine(home, "driver.lock");

    /// <summary>Beside the lock, which nobody else may read.</summary>
    private static string NotePath(string home) => Path.Combine(home, "driver.pid");

    private static string? Holder(string home)
    {
        try
        {
            return $"process {File.ReadAllText(NotePath(home)).Trim()}";
        }
        catch (IOException)
        {
            return null;
        }
    }
}
