using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OrleansEtl.Storage;

/// <summary>Which file stands under a name: one that was deleted and made anew is another. An open file is of no help here, since to close
/// any handle of a SQLite file lets go of the locks that the process has on it.</summary>
internal static class FileIdentity
{
    private const int CurrentFolder = -100, InodeAt = 0x20, StatxBytes = 256;
    private const uint Inode = 0x100;

    /// <summary>Null: there is none. Where the system does not number files, all are taken for the same.</summary>
    public static ulong? Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.Exists(path) ? 0 : null;
        Span<byte> status = stackalloc byte[StatxBytes];
        return statx(CurrentFolder, path, 0, Inode, ref MemoryMarshal.GetReference(status)) == 0
            ? BinaryPrimitives.ReadUInt64LittleEndian(status[InodeAt..]) : null;
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, ref byte status);
}
