using System.Diagnostics;

namespace OrleansEtl.Steps;

/// <summary>
/// Folders for programs, one an attempt, below a root that processes share. The owner of a place holds a lock that the system
/// drops when the process dies; who takes a free place first clears what a dead owner left there.
/// </summary>
internal sealed class WorkFolders(string root)
{
    private const int PlacesMax = 10_000;

    public WorkFolder Take()
    {
        Directory.CreateDirectory(root);
        for (var place = 0; place < PlacesMax; place++)
        {
            var folder = Path.Combine(root, $"place-{place}");
            if (TryLock(folder + ".lock") is not { } held) continue;
            if (WorkFolder.TryRemove(folder)) return new WorkFolder(folder, held);
            held.Dispose(); // something there cannot be removed, or is only just dying
        }

        throw new FaultException(new Fault(
            FaultKind.Exhausted, StepCodes.ProgramNotStarted, $"all {PlacesMax} places for programs below {root} are in use."));
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}

/// <summary>One attempt's folder: the program works in <see cref="Work"/>, and is told of nothing else in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _folder;
    private readonly FileStream _lock;
    private int _taken;

    public WorkFolder(string folder, FileStream held)
    {
        (_folder, _lock) = (folder, held);
        foreach (var one in (string[])[folder, Work])
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(one);
            else Directory.CreateDirectory(one, OwnerOnly);
        }
    }

    public string Work => Path.Combine(_folder, "work");
    public string Input => Path.Combine(_folder, "input");
    public string Report => Path.Combine(_folder, "report");
    public string Log => Path.Combine(_folder, "log.ndjson");

    /// <summary>A name for a file that is taken out of the program's reach.</summary>
    public string NewTaken(string ending) => Path.Combine(_folder, $"taken-{_taken++}{ending}");

    /// <summary>Files and bytes below the working folder, counting no further than to a number of files. Links count as what
    /// they are.</summary>
    public (int Files, long Bytes) Measure(int filesMax)
    {
        var (files, bytes) = (0, 0L);
        if (!Directory.Exists(Work)) return (0, 0);
        var all = new System.IO.Enumeration.FileSystemEnumerable<long>(
            Work, (ref System.IO.Enumeration.FileSystemEntry entry) => entry.IsDirectory ? 0 : entry.Length,
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true })
        {
            ShouldRecursePredicate = (ref System.IO.Enumeration.FileSystemEntry entry) =>
                (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        foreach (var length in all)
        {
            bytes += length;
            if (++files > filesMax) break;
        }

        return (files, bytes);
    }

    public void Dispose()
    {
        TryRemove(_folder);
        _lock.Dispose();
    }

    /// <summary>A program may leave folders that nobody can enter, and names that are no text; the tools of the system are at
    /// home with both.</summary>
    public static bool TryRemove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception stubborn) when (stubborn is IOException or UnauthorizedAccessException)
        {
            Run("/bin/chmod", "-R", "u+rwX", "--", folder);
            Run("/bin/rm", "-rf", "--", folder);
        }

        return !Directory.Exists(folder);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true,
        });
        process?.StandardError.ReadToEnd();
        process?.WaitForExit();
    }
}
