using System.Collections.Immutable;
using System.Text.Json;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Output;

/// <summary>Silos and their calls as tables and as JSON. Field names are a promise: added to, never renamed.</summary>
internal static class SilosText
{
    public static Table Table(ImmutableArray<SiloView> silos)
    {
        var table = new Table("NAME", "ADDRESS", "STATUS", "ROLES", "SINCE", "GRAINS");
        foreach (var silo in silos)
        {
            table.Row(
                silo.Report?.Name,
                silo.Endpoint,
                new Cell(StatusOf(silo), silo.IsHealthy ? Ink.Green : Ink.Red),
                silo.Report is { } report ? string.Join(',', report.Roles) : "",
                silo.Report is { } since ? Words.Moment(since.Since) : "",
                Cell.Count(silo.Activations));
        }
        return table;
    }

    public static void Json(Utf8JsonWriter json, ImmutableArray<SiloView> silos)
    {
        json.WriteStartObject();
        JsonText.Objects(json, "silos", silos, (json, silo) =>
        {
            json.WriteString("name", silo.Report?.Name);
            json.WriteString("address", silo.Endpoint);
            json.WriteString("id", silo.Address);
            json.WriteString("status", silo.Status);
            json.WriteBoolean("healthy", silo.IsHealthy);
            JsonText.Texts(json, "roles", silo.Report?.Roles ?? []);
            JsonText.Moment(json, "since", silo.Report?.Since);
            json.WriteString("version", silo.Report?.Version);
            json.WriteNumber("activations", silo.Activations);
        });
        json.WriteEndObject();
    }

    public static Table Table(ImmutableArray<SiloCalls> silos)
    {
        var table = new Table("SILO", "GRAIN", "METHOD", "CALLS", "ERRORS", "P50", "P99");
        foreach (var (silo, report) in silos)
            foreach (var call in report.Calls)
                table.Row(silo.Report?.Name, call.Grain, call.Method, Cell.Count(call.Count), Cell.Count(call.Errors), Took(call.P50), Took(call.P99));
        return table;
    }

    public static void Json(Utf8JsonWriter json, ImmutableArray<SiloCalls> silos)
    {
        json.WriteStartObject();
        json.WriteStartArray("calls");
        foreach (var (silo, report) in silos)
            foreach (var call in report.Calls)
            {
                json.WriteStartObject();
                json.WriteString("silo", silo.Report?.Name);
                json.WriteString("grain", call.Grain);
                json.WriteString("method", call.Method);
                json.WriteNumber("count", call.Count);
                json.WriteNumber("errors", call.Errors);
                json.WriteNumber("p50_ms", call.P50.TotalMilliseconds);
                json.WriteNumber("p99_ms", call.P99.TotalMilliseconds);
                json.WriteNumber("seconds", Math.Round((report.Until - report.Since).TotalSeconds, 3));
                json.WriteEndObject();
            }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string StatusOf(SiloView silo) => silo.Status == "active" && !silo.IsHealthy ? "not answering" : silo.Status;

    /// <summary>Calls are short: a tenth of a millisecond is something.</summary>
    private static Cell Took(TimeSpan took) => Cell.Duration(took) with
    {
        Text = took.TotalMilliseconds < 100
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:0.0##} ms")
            : Words.Duration(took),
        Plain = took.TotalSeconds.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture),
    };
}
