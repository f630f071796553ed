using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansEtl.Shells;

namespace OrleansEtl.Silo.Hosting;

/// <summary>One line an event, for people or as JSON for programs. It carries the correlation of the call that it happened in. Stack
/// traces are left out of the lines for people.</summary>
/// <param name="events">Also every event of every run, of which a busy silo has thousands a second.</param>
public sealed class LineLog(TextWriter writer, bool isJson, bool events, TimeProvider clock) : ILoggerProvider
{
    private const string Correlation = "etl-correlation";
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();

    public ILogger CreateLogger(string categoryName)
    {
        var isOfRuns = categoryName == typeof(PipelineGrain).FullName;
        return new Lines(this, categoryName, isOfRuns && !events ? LogLevel.Warning : LogLevel.Information);
    }

    public void Dispose() => writer.Flush();

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var correlation = RequestContext.Get(Correlation) as string;
        var line = isJson
            ? Json(level, category, message, exception, correlation)
            : Plain(level, message, exception, correlation);
        lock (_lock)
        {
            writer.WriteLine(line);
            writer.Flush();
        }
    }

    private string Plain(LogLevel level, string message, Exception? exception, string? correlation)
    {
        var line = new StringBuilder($"{clock.GetUtcNow():HH:mm:ss.fff} {Word(level)} {message}");
        if (exception is not null) line.Append($": {exception.GetType().Name}: {exception.Message}");
        if (correlation is not null) line.Append($" [{correlation}]");
        return line.Replace('\n', ' ').ToString();
    }

    private string Json(LogLevel level, string category, string message, Exception? exception, string? correlation)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("at", clock.GetUtcNow());
            json.WriteString("level", Word(level).Trim());
            json.WriteString("source", category);
            json.WriteString("message", message);
            if (correlation is not null) json.WriteString("correlation", correlation);
            if (exception is not null) json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => "error",
        LogLevel.Warning => "warn ",
        LogLevel.Information => "info ",
        _ => "debug",
    };

    private sealed class Lines(LineLog log, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel is not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Write(logLevel, category, formatter(state, exception), exception);
        }
    }
}
