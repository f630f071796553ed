using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Files;

/// <summary>What stands at a path. It is asked without opening anything: a pipe would keep its reader waiting for a writer.</summary>
internal static partial class FileType
{
    /// <summary>Nothing is there, or nobody can tell.</summary>
    public const int Unknown = 0;

    public const int Plain = 0x8000, Folder = 0x4000, Link = 0xA000;

    private const int Pipe = 0x1000, Socket = 0xC000, CharacterDevice = 0x2000, BlockDevice = 0x6000;
    private const int Here = -100, NoFollow = 0x100, ModeOnly = 0x1, ModeOffset = 28, StructBytes = 256, TypeBits = 0xF000;

    /// <summary>Of the path itself, not of what a link leads to.</summary>
    public static int Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return Unknown;
        var status = new byte[StructBytes];
        return Status(Here, path, NoFollow, ModeOnly, status) == 0
            ? BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & TypeBits : Unknown;
    }

    /// <summary>The word for what can be opened like a file and is none; null for all else.</summary>
    public static string? NotPlain(string path) => Of(path) switch
    {
        Pipe => "a pipe",
        Socket => "a socket",
        CharacterDevice or BlockDevice => "a device",
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, [In, Out] byte[] status);
}
