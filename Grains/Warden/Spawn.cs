using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansEtl.Warden;

/// <summary>
/// Starts a program as the leader of a session of its own, with every signal as a new process expects it and nothing open but
/// its three streams. The limits are set by a shell that then becomes the program: between fork and exec no code of .NET may
/// run. The shell sees arguments as they are and reads none of them.
/// </summary>
internal static unsafe partial class Spawn
{
    private const string Shell = "/bin/sh";
    private const short DefaultSignals = 0x04, SignalMask = 0x08, NewSession = 0x80;

    /// <summary>Room for a posix_spawnattr_t (336 bytes), posix_spawn_file_actions_t (80) or sigset_t (128) of any C library.</summary>
    private const int StructBytes = 1024;

    /// <param name="child">The process, when the error is 0.</param>
    /// <returns>The number of the error.</returns>
    public static int Start(Order order, out int child)
    {
        var arguments = (string[])[Shell, "-c", Script(order.Limits), "etl", Leader.FileOf(order.Report), order.Program, .. order.Arguments];
        byte* attributes = stackalloc byte[StructBytes], actions = stackalloc byte[StructBytes], signals = stackalloc byte[StructBytes];
        AttributesInit(attributes);
        ActionsInit(actions);
        byte** argv = Texts(arguments), envp = Texts(order.Environment);
        try
        {
            SignalsFill(signals);
            AttributesDefaults(attributes, signals);
            SignalsEmpty(signals);
            AttributesMask(attributes, signals);
            AttributesFlags(attributes, DefaultSignals | SignalMask | NewSession);
            var error = ActionsOpen(actions, 0, order.Input, 0, 0);
            if (error == 0) error = ActionsFolder(actions, order.Folder);
            child = 0;
            return error != 0 ? error : PosixSpawn(out child, Shell, actions, attributes, argv, envp);
        }
        finally
        {
            Free(argv);
            Free(envp);
            ActionsDestroy(actions);
            AttributesDestroy(attributes);
        }
    }

    /// <summary>The processor's limit is soft first, so that the program hears of it by a signal of its own.</summary>
    private static string Script(ProgramLimits limits)
    {
        const int kibi = 1024, secondsToHear = 2;
        var script = new StringBuilder("echo $$ >\"$1\" && shift && ulimit -c 0");
        Set("-v", Posix.LimitMemory, limits.MemoryBytes, kibi);
        Set("-S -t", Posix.LimitCpu, limits.CpuSeconds, 1);
        Set("-H -t", Posix.LimitCpu, limits.CpuSeconds == 0 ? 0 : limits.CpuSeconds + secondsToHear, 1);
        return script.Append(" && exec \"$@\"; exit 126").ToString();

        void Set(string option, int of, long wanted, int unit)
        {
            var most = Math.Min((ulong)wanted, Posix.HardLimit(of)); // nobody can raise it again
            if (wanted > 0) script.Append(CultureInfo.InvariantCulture, $" && ulimit {option} {Math.Max(1, most / (ulong)unit)}");
        }
    }

    private static byte** Texts(IReadOnlyList<string> texts)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++) array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return array;
    }

    private static void Free(byte** texts)
    {
        for (var text = texts; *text != null; text++) Marshal.FreeCoTaskMem((nint)(*text));
        NativeMemory.Free(texts);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PosixSpawn(out int child, string path, byte* actions, byte* attributes, byte** argv, byte** envp);
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsOpen(byte* actions, int descriptor, string path, int flags, uint mode);
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsFolder(byte* actions, string path);
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesDefaults(byte* attributes, byte* signals);
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesMask(byte* attributes, byte* signals);
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesFlags(byte* attributes, short flags);
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);
    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int SignalsFill(byte* signals);
    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int SignalsEmpty(byte* signals);
}
