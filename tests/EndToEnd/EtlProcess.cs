using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>The published <c>etl</c> as a user has it: a process of its own.</summary>
internal sealed partial class EtlProcess : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string Program = Environment.GetEnvironmentVariable("ETL_EXE")
        ?? throw new InvalidOperationException("ETL_EXE names the published etl: run the tests with ./test EndToEnd");

    private readonly Process _process;
    private readonly Talk _data;
    private readonly Talk _talk;

    private EtlProcess(Process process)
    {
        _process = process;
        _data = new Talk(process.StandardOutput);
        _talk = new Talk(process.StandardError);
    }

    /// <param name="folder">Where it is started.</param>
    public static EtlProcess Start(string folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment.Remove("ETL_HOME");
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new EtlProcess(process);
    }

    public static async Task<Ended> Run(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        return await process.End();
    }

    public static async Task<Ended> Run(string folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        using var process = Start(folder, arguments, settings);
        return await process.End();
    }

    /// <summary>Waits until stderr holds this text.</summary>
    public Task Says(string text) => _talk.Until(text).WaitAsync(Patience);

    /// <summary>Waits until stdout holds this text.</summary>
    public Task Prints(string text) => _data.Until(text).WaitAsync(Patience);

    /// <summary>Its stderr until now.</summary>
    public string Said => _talk.SoFar;

    public bool HasEnded => _process.HasExited;
    public void Kill() => _process.Kill();
    public void Interrupt() => Signal(2);
    public void Terminate() => Signal(15);

    public async Task<Ended> End()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            Assert.Fail($"etl did not end within {Patience}; it said:\n{_talk.SoFar}");
        }
        return new Ended(_process.ExitCode, await _data.All, await _talk.All);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private void Signal(int number)
    {
        if (kill(_process.Id, number) != 0) throw new InvalidOperationException($"no signal to {_process.Id}");
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}

/// <summary>What a process left.</summary>
internal sealed record Ended(int Code, string Data, string Talk)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;

    /// <summary>Fails with all that the process said, unless it ended so.</summary>
    public Ended With(int code)
    {
        Assert.True(Code == code, $"expected exit code {code}, found {Code}; it said:\n{Talk}\n{Data}");
        Assert.DoesNotContain("   at ", Talk + Data);
        Assert.DoesNotContain("Exception", Talk + Data);
        return this;
    }

    public Ended Saying(params string[] parts)
    {
        foreach (var part in parts) Assert.Contains(part, Talk);
        return this;
    }
}

/// <summary>A stream of text that can be waited for.</summary>
internal sealed class Talk
{
    private readonly object _lock = new();
    private readonly System.Text.StringBuilder _text = new();
    private readonly List<(string Text, TaskCompletionSource Heard)> _waiting = [];

    public Talk(StreamReader reader) => All = Read(reader);

    public Task<string> All { get; }

    public string SoFar
    {
        get { lock (_lock) return _text.ToString(); }
    }

    public Task Until(string text)
    {
        lock (_lock)
        {
            if (_text.ToString().Contains(text)) return Task.CompletedTask;
            var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((text, heard));
            return heard.Task;
        }
    }

    private async Task<string> Read(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _text.Append(line).Append('\n');
                foreach (var (_, heard) in _waiting.Where(w => line.Contains(w.Text))) heard.TrySetResult();
            }
        }
        lock (_lock)
        {
            foreach (var (text, heard) in _waiting)
            {
                heard.TrySetException(new InvalidOperationException($"etl ended and never said '{text}'; it said:\n{_text}"));
            }
            return _text.ToString();
        }
    }
}
