using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansEtl.Bench;

/// <summary>What a process took, from its start until it was gone.</summary>
/// <param name="PeakRssMegabytes">Of 10^6 bytes, as the kernel counted it.</param>
internal readonly record struct Took(double WallSeconds, double PeakRssMegabytes);

/// <summary>Runs a process and asks the kernel what it took: <c>posix_spawn</c> and <c>wait4</c>, since .NET's Process does not tell
/// the peak memory of a process that has ended.</summary>
internal static unsafe partial class Spawn
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const int WriteOnlyCreateTruncate = 1 | 64 | 512;

    /// <param name="log">Takes what the process says, and is shown when it fails.</param>
    public static Took Run(string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string>? settings = null)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
        using var argv = new Texts([program, .. arguments]);
        using var envp = new Texts([.. environment.Select(e => $"{e.Key}={e.Value}")]);

        var actions = stackalloc byte[256];
        posix_spawn_file_actions_init(actions);
        posix_spawn_file_actions_addopen(actions, StandardOutput, log, WriteOnlyCreateTruncate, 0x1A4);
        posix_spawn_file_actions_adddup2(actions, StandardOutput, StandardError);
        var watch = Stopwatch.StartNew();
        var failed = posix_spawn(out var pid, program, actions, null, argv.Pointer, envp.Pointer);
        if (failed != 0) throw new InvalidOperationException($"{program} could not be started: error {failed}");
        var usage = stackalloc long[18];
        if (wait4(pid, out var status, 0, usage) != pid) throw new InvalidOperationException($"{program} could not be waited for");
        watch.Stop();
        posix_spawn_file_actions_destroy(actions);
        if (status != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {status >> 8}:\n{File.ReadAllText(log)}");
        }
        return new Took(watch.Elapsed.TotalSeconds, usage[4] * 1024 / 1e6);
    }

    /// <summary>An array of C strings that ends in null.</summary>
    private sealed class Texts : IDisposable
    {
        private readonly nint[] _texts;
        public byte** Pointer { get; }

        public Texts(IReadOnlyList<string> texts)
        {
            _texts = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < texts.Count; i++) Pointer[i] = (byte*)_texts[i];
        }

        public void Dispose()
        {
            foreach (var text in _texts) Marshal.FreeCoTaskMem(text);
            NativeMemory.Free(Pointer);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int wait4(int pid, out int status, int options, long* usage);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int file, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);
}
