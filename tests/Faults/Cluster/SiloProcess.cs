using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using OrleansEtl.Faults.Tests.Oracle;

namespace OrleansEtl.Faults.Tests.Cluster;

/// <summary>One real <c>etl silo</c>, from its start to its end.</summary>
internal sealed partial class SiloProcess
{
    private const int LinesKept = 400;
    private const int Sigterm = 15, Sigstop = 19, Sigcont = 18;

    /// <summary>A silo that was told to go has 20 seconds for its grains and 5 more; the rest is for a machine that is busy.</summary>
    public static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(35);

    private static readonly string Program = Environment.GetEnvironmentVariable("ETL_EXE")
        ?? throw new InvalidOperationException("ETL_EXE names the published etl: run the tests with ./test Faults");

    private readonly Process _process;
    private readonly string _name;
    private readonly long _peakBytesMax;
    private readonly StreamWriter _log;
    private readonly Lock _lock = new();
    private readonly Queue<string> _said = new();
    private readonly List<string> _traces = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;
    private long _peakBytes, _askedToEnd;
    private bool _killed;

    private SiloProcess(Process process, string name, string log, long peakBytesMax)
    {
        (_process, _name, _peakBytesMax, _log) = (process, name, peakBytesMax, File.AppendText(log));
        _log.WriteLine($"--- process {process.Id}");
        _listening = Task.WhenAll(Listen(process.StandardOutput), Listen(process.StandardError));
    }

    /// <param name="log">Takes all that it says.</param>
    public static SiloProcess Start(
        string name, string log, long peakBytesMax, IEnumerable<string> arguments, IEnumerable<(string Variable, string Value)> settings)
    {
        var start = new ProcessStartInfo(Program, ["silo", .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (variable, value) in settings) start.Environment[variable] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new SiloProcess(process, name, log, peakBytesMax);
    }

    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    public int Id => _process.Id;

    /// <summary>It takes calls. Never completes when it ends before.</summary>
    public Task Ready => _ready.Task;

    public bool HasEnded => _process.HasExited;

    public bool WasAsked => _askedToEnd != 0;

    public bool IsFrozen { get; private set; }

    public void Kill()
    {
        _killed = true;
        Ask();
        _process.Kill();
    }

    public void Terminate()
    {
        Ask();
        Signal(Sigterm);
    }

    public void Freeze()
    {
        IsFrozen = true;
        Signal(Sigstop);
    }

    public void Thaw()
    {
        Signal(Sigcont);
        IsFrozen = false;
    }

    /// <summary>Remembers how much memory it took at most; the kernel counts.</summary>
    public void Weigh()
    {
        try
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            if (line is null) return;
            _peakBytes = 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended.
        }
    }

    /// <summary>Its life, once it is over.</summary>
    public async Task<Life> End()
    {
        await _process.WaitForExitAsync();
        await _listening;
        var took = _askedToEnd == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_askedToEnd);
        await _log.DisposeAsync();
        return Life(new LifeEnd(_killed, _ready.Task.IsCompleted, _process.ExitCode, took, LeaveBound));
    }

    public Life Life(LifeEnd? ended)
    {
        lock (_lock) return new Life($"{_name} (process {_process.Id})", [.. _traces, .. _said], _peakBytes, _peakBytesMax, ended);
    }

    private void Ask()
    {
        if (_askedToEnd == 0) _askedToEnd = Stopwatch.GetTimestamp();
    }

    private async Task Listen(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                if (line.StartsWith("   at ", StringComparison.Ordinal) && _traces.Count < LinesKept) _traces.Add(line);
                _said.Enqueue(line);
                if (_said.Count > LinesKept) _said.Dequeue();
                _log.WriteLine(line);
                _log.Flush();
            }
            if (line.StartsWith("ready:", StringComparison.Ordinal)) _ready.TrySetResult();
        }
    }

    private void Signal(int number)
    {
        if (!_process.HasExited && kill(_process.Id, number) != 0 && !_process.HasExited)
            throw new InvalidOperationException($"signal {number} could not be sent to process {_process.Id}");
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
