using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansEtl.Warden;

namespace OrleansEtl.Steps;

/// <summary>
/// Lets a warden run a program: a small process that starts it, and ends it with all its descendants when it is asked to or
/// when this process dies. Both streams are read as long as anything comes, whether or not it is kept, so that the program
/// never waits for us.
/// </summary>
internal static class WardenProcess
{
    /// <summary>Longer lines come in pieces. Values are one line, and may have 64 KiB.</summary>
    private const int LineBytesMax = (64 << 10) + 64;

    /// <summary>What the warden may take beyond the grace: it gives up on the kernel after ten seconds.</summary>
    private static readonly TimeSpan WardenPatience = TimeSpan.FromSeconds(15);

    /// <summary>How long a stream may stay open once the program and its children are gone: somebody else holds it then.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(2);

    /// <param name="look">Asked now and then; a fault ends the program.</param>
    /// <returns>How it ended, when it was not stopped.</returns>
    /// <exception cref="FaultException">It could not be started, or the fault that <paramref name="look"/> found.</exception>
    /// <exception cref="OperationCanceledException">It was stopped on request, and is gone.</exception>
    public static Ending Run(
        Order order, ProgramLog log, Func<Fault?> look, TimeSpan lookEvery, CancellationToken cancellation)
    {
        using var warden = Start();
        var ended = warden.WaitForExitAsync(CancellationToken.None);
        Task[] reading =
        [
            Read(warden.StandardOutput.BaseStream, line => log.Hear("stdout", line)),
            Read(warden.StandardError.BaseStream, line => log.Hear("stderr", line)),
        ];
        Fault? found;
        try
        {
            TryWrite(warden, order.Write);
            found = Wait(ended, look, lookEvery, cancellation);
        }
        finally
        {
            if (!ended.IsCompleted) Stop(warden, ended, order.Limits.Grace);
            if (!File.Exists(order.Report)) Leader.KillLeftBehind(order.Report);
        }

        Task.WaitAll(reading, StreamPatience);
        cancellation.ThrowIfCancellationRequested();
        if (found is not null) throw new FaultException(found);
        return Ending.Read(order.Report) ?? throw Unwatched();
    }

    private static Fault? Wait(Task ended, Func<Fault?> look, TimeSpan lookEvery, CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asking = cancellation.UnsafeRegister(static (asked, _) => ((TaskCompletionSource)asked!).TrySetResult(), asked);
        while (Task.WaitAny([ended, asked.Task], lookEvery) < 0)
            if (look() is { } fault) return fault;
        return null;
    }

    private static void Stop(Process warden, Task ended, TimeSpan grace)
    {
        TryWrite(warden, stream => stream.WriteByte(Order.Stop));
        if (ended.Wait(grace + WardenPatience)) return;
        warden.Kill();
        ended.Wait();
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo(DotNet, [typeof(Order).Assembly.Location])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Clear(); // whoever looks at the warden finds no secret
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = "4000000"; // hexadecimal: 64 MiB
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FaultException(new Fault(
                FaultKind.Unavailable, StepCodes.ProgramNotStarted, $"no process can be started: {e.Message}."));
        }
    }

    /// <summary>That of the runtime that runs us.</summary>
    private static string DotNet { get; } = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>A warden that has died reads nothing; its end tells more.</summary>
    private static void TryWrite(Process warden, Action<Stream> write)
    {
        try
        {
            write(warden.StandardInput.BaseStream);
            warden.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
        }
    }

    private delegate void Heard(ReadOnlySpan<byte> line);

    /// <summary>On a thread of its own, which may have to wait for ever for a stream that a stranger holds.</summary>
    private static Task Read(Stream stream, Heard heard) => Task.Factory.StartNew(
        () =>
        {
            var line = new byte[LineBytesMax];
            var length = 0;
            int read;
            while ((read = TryRead(stream, line.AsSpan(length))) > 0)
            {
                length += read;
                var from = 0;
                while (line.AsSpan(from, length - from).IndexOf((byte)'\n') is >= 0 and var end)
                {
                    heard(line.AsSpan(from, end));
                    from += end + 1;
                }

                if (from == 0 && length == line.Length)
                {
                    heard(line);
                    from = length;
                }

                line.AsSpan(from, length - from).CopyTo(line);
                length -= from;
            }

            if (length > 0) heard(line.AsSpan(0, length));
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static int TryRead(Stream stream, Span<byte> into)
    {
        try
        {
            return stream.Read(into);
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static FaultException Unwatched() => new(new Fault(
        FaultKind.Unavailable, StepCodes.ProgramNotStarted, "what watched over the program was killed, and the program with it.",
        Hint: "Look into the system's log: was the memory short?"));
}
