using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Datasets;

internal static partial class Posix
{
    /// <summary>Makes a folder that was not there, which .NET cannot promise.</summary>
    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolder(string path, int mode);

    /// <summary>Gives a file a second name.</summary>
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string file, string name);
}
