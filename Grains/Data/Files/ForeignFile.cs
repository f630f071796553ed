using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Files;

/// <summary>What was found where a file was expected.</summary>
public enum FoundFile { Taken, Missing, Outside, Link, Folder, NotPlain }

/// <summary>
/// Takes a file out of a folder in which somebody else writes whatever they like. The file is moved to a name that they do
/// not know, and looked at only there, so that nothing can be put in its place between the look and the reading. Links are
/// never followed, and what is no plain file (a pipe that would block its reader, a device without an end) is never opened.
/// </summary>
public static partial class ForeignFile
{
    /// <summary>Whether the path stays below its folder, as far as its letters tell.</summary>
    public static bool IsInside(string relative) =>
        relative.Length > 0 && !relative.Contains('\0') && !Path.IsPathRooted(relative)
        && relative.Split('/').All(part => part is not ("" or "." or ".."));

    /// <param name="folder">An absolute path; also the folder itself may have been exchanged for a link.</param>
    /// <param name="to">On the same disk.</param>
    public static FoundFile Take(string folder, string relative, string to)
    {
        if (!IsInside(relative)) return FoundFile.Outside;
        var path = folder;
        foreach (var part in relative.Split('/'))
        {
            if (FileType.Of(path) is var above && above != FileType.Folder) return above == FileType.Link ? FoundFile.Link : FoundFile.Missing;
            path = Path.Combine(path, part);
        }

        if (FileType.Of(path) is not FileType.Plain and var other) return Word(other);
        if (Rename(path, to) != 0) return FoundFile.Missing;
        return FileType.Of(to) is not FileType.Plain and var exchanged ? Word(exchanged) : FoundFile.Taken;
    }

    private static FoundFile Word(int type) => type switch
    {
        FileType.Unknown => FoundFile.Missing,
        FileType.Link => FoundFile.Link,
        FileType.Folder => FoundFile.Folder,
        _ => FoundFile.NotPlain,
    };

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
