using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansEtl.Cluster.Tests;

/// <summary>A process of the published <c>etl</c>, whose words can be waited for.</summary>
internal sealed partial class Program : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private const int Sigint = 2, Sigterm = 15, Sigkill = 9, Sigstop = 19, Sigcont = 18;

    private static readonly string Etl = Environment.GetEnvironmentVariable("ETL_EXE")
        ?? throw new InvalidOperationException("ETL_EXE names the published etl: run the tests with ./test Cluster");

    private readonly Process _process;
    private readonly Words _data = new();
    private readonly Words _talk = new();

    private Program(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _data.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _talk.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static Program Start(string folder, string[] arguments, params (string Name, string? Value)[] settings)
    {
        // Whoever runs these tests in the background of a shell has them ignore SIGINT, which a child inherits.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Etl, .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new Program(process);
    }

    public int Id => _process.Id;
    public bool HasEnded => _process.HasExited;
    public Task Ended => _process.WaitForExitAsync();
    public string Data => _data.SoFar;
    public string Talk => _talk.SoFar;

    /// <summary>The first line of stdout that has this in it.</summary>
    public Task<string> Says(string text) => Heard(_data, text);

    /// <summary>The first line of stderr that has this in it.</summary>
    public Task<string> Tells(string text) => Heard(_talk, text);

    public void Kill() => Signal(Sigkill);
    public void Freeze() => Signal(Sigstop);
    public void Thaw() => Signal(Sigcont);
    public void Term() => Signal(Sigterm);
    public void Interrupt() => Signal(Sigint);

    /// <summary>Waits for the end; gives the exit code.</summary>
    public async Task<int> End()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw new TimeoutException($"The process did not end within {Patience}; it said:\n{Talk}\n{Data}");
        }
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Settings of whoever runs the tests do not concern them, but where the libraries and data lie does.</summary>
    private static bool IsSetting(string name) =>
        name.StartsWith("ETL_", StringComparison.Ordinal) && name is not ("ETL_DUCKDB" or "ETL_CACHE" or "ETL_EXE");

    private async Task<string> Heard(Words words, string text)
    {
        var heard = words.Until(text);
        var ended = _process.WaitForExitAsync();
        await Task.WhenAny(heard, ended, Task.Delay(Patience));
        if (!heard.IsCompleted && ended.IsCompleted) await Task.WhenAny(words.All, heard);
        return heard.IsCompleted ? await heard
            : throw new InvalidOperationException($"Nobody said '{text}'; {(HasEnded ? "the process has ended" : "it runs")}:\n{Talk}\n{Data}");
    }

    private void Signal(int number)
    {
        if (!_process.HasExited && kill(_process.Id, number) != 0) throw new InvalidOperationException($"no signal to {_process.Id}");
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    /// <summary>Lines that are read as they come.</summary>
    private sealed class Words
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();
        private readonly List<(string Text, TaskCompletionSource<string> Heard)> _waiting = [];
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task All => _all.Task;

        public string SoFar
        {
            get { lock (_lock) return _text.ToString(); }
        }

        public void Add(string? line)
        {
            lock (_lock)
            {
                if (line is null)
                {
                    _all.TrySetResult();
                    return;
                }
                _text.Append(line).Append('\n');
                foreach (var (_, heard) in _waiting.Where(waiting => line.Contains(waiting.Text))) heard.TrySetResult(line);
            }
        }

        public Task<string> Until(string text)
        {
            lock (_lock)
            {
                if (_text.ToString().Split('\n').FirstOrDefault(line => line.Contains(text)) is { } said) return Task.FromResult(said);
                var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((text, heard));
                return heard.Task;
            }
        }
    }
}
