using System.Globalization;

namespace OrleansEtl.Warden;

/// <summary>The number of the program's first process, which it notes beside the report before it becomes the program. Only who finds no
/// report needs it: the warden was killed, and could kill nobody any more.</summary>
public static class Leader
{
    /// <summary>Kills the program's group, if the number still is that of a session's leader. Daemons that left the session are out of
    /// reach then.</summary>
    public static void KillLeftBehind(string report)
    {
        if (!File.Exists(FileOf(report))) return;
        if (int.TryParse(File.ReadAllText(FileOf(report)), CultureInfo.InvariantCulture, out var leader) && leader > 1
            && ProcessTable.Read(leader) is { } found && found.Session == leader)
            Posix.Kill(-leader, Posix.SigKill);
    }

    internal static string FileOf(string report) => report + ".leader";
}
