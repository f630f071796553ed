using System.Collections.Immutable;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps;

/// <summary>
/// The programs that pipelines may run: those that the settings of the process name that runs their steps, and no others.
/// A setting means the place where a program lies, not the file that it leads to: allowing <c>ls</c> does not allow
/// <c>sh</c> where both are links to one busybox. What the place leads to is found out once; if it changes, the program is
/// refused until the process is started anew.
/// </summary>
public sealed class AllowedPrograms
{
    private readonly ImmutableArray<Allowed> _all;

    /// <param name="Place">Its own name in the folder that it really lies in.</param>
    /// <param name="Target">The file that it leads to.</param>
    private sealed record Allowed(string Place, string Target);

    private AllowedPrograms(ImmutableArray<Allowed> all) => _all = all;

    public static readonly AllowedPrograms None = new([]);

    /// <param name="entries">Absolute paths, or names that are looked for.</param>
    /// <param name="searchPath">Folders with colons between them.</param>
    /// <exception cref="FaultException">One is not there, or nothing that can be run.</exception>
    public static AllowedPrograms Of(IEnumerable<string> entries, string searchPath) =>
        new([.. entries.Select(entry => Resolve(entry, searchPath)).Distinct()]);

    /// <summary>The absolute path of a program that a step names, by its name or its path.</summary>
    /// <exception cref="FaultException">It may not be run, or is not there any more.</exception>
    public string Find(string program)
    {
        if (program.Contains('/') && !Path.IsPathRooted(program))
            throw new FaultException(new Fault(
                FaultKind.Invalid, StepCodes.FieldInvalid, $"'{program}' is a relative path; expected a name or an absolute path.",
                "with.program"));
        var place = program.Contains('/') ? PlaceOf(program) : null;
        var found = _all.FirstOrDefault(one => place is null ? Path.GetFileName(one.Place) == program : one.Place == place)
            ?? throw Refused(program);
        return IsProgram(found.Place) && PathRules.RealPath(found.Place) == found.Target ? found.Place
            : throw Missing($"'{found.Place}' is not the program any more that it was when this process started.",
                "See what has become of it, and start the process anew.");
    }

    private static Allowed Resolve(string entry, string searchPath)
    {
        var path = Path.IsPathRooted(entry) ? entry
            : searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted)
                .Select(folder => Path.Combine(folder, entry)).FirstOrDefault(IsProgram);
        if (path is null || !IsProgram(path))
            throw Missing($"the program '{entry}', which is to be allowed, is not there, or cannot be run.",
                "Name an absolute path, or a program on the PATH.");
        return new Allowed(PlaceOf(path), PathRules.RealPath(path));
    }

    private static string PlaceOf(string path)
    {
        var whole = Path.GetFullPath(path);
        return Path.GetDirectoryName(whole) is { } folder ? Path.Combine(PathRules.RealPath(folder), Path.GetFileName(whole)) : whole;
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & execute) != 0;
    }

    private FaultException Refused(string program) => new(new Fault(
        FaultKind.Denied, StepCodes.ProgramRefused,
        $"the program '{program}' may not be run here; allowed are: {StepFaults.Names(_all.Select(one => one.Place))}.",
        "with.program",
        $"Who runs the steps allows it: --allow-program {program} of `etl run` or `etl silo`, or the variable ETL_ALLOW_PROGRAMS."));

    private static FaultException Missing(string what, string hint) =>
        new(new Fault(FaultKind.NotFound, StepCodes.ProgramMissing, what, "with.program", hint));
}
