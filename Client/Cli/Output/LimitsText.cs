using System.Collections.Immutable;
using System.Text.Json;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Cli.Output;

/// <summary>Named limits as tables and as JSON. Field names are a promise: added to, never renamed.</summary>
internal static class LimitsText
{
    public static Table Table(ImmutableArray<LimitSummary> limits)
    {
        var table = new Table("LIMIT", "OF", "CONCURRENCY", "HELD", "HOLDERS", "RATE", "STATUS");
        foreach (var limit in limits)
            table.Row(
                limit.Name, Word(limit.Spec.Of), Cell.Count(limit.Spec.Concurrency), Cell.Count(limit.Held), Cell.Count(limit.Holders),
                limit.Spec.Rate?.ToString(), limit.IsPaused ? new Cell("paused", Ink.Yellow) : "open");
        return table;
    }

    public static void Print(Terminal terminal, LimitView limit)
    {
        terminal.Talk.WriteLine(Words.OnOneLine(limit.Spec is { } spec
            ? $"{limit.Name}: {Limit.Describe(spec)}{(spec.Description is { } text ? $" ({text})" : "")}"
            : $"{limit.Name} is not set: those who wait for it go on after: etl limits set {limit.Name}"));
        if (limit.Paused is { } pause) terminal.Talk.WriteLine(Words.OnOneLine($"paused since {Words.Moment(pause.Since)}: {pause.Reason}"));
        terminal.Talk.WriteLine($"{Words.Count(limit.Held)} held by {Words.Plural(limit.HoldersTotal, "holder")}, {Words.Count(limit.LineTotal)} in line");
        var table = new Table("HOLDER", "FOR", "STATUS", "WEIGHT", "PRIORITY", "NAMESPACE", "SINCE");
        foreach (var holder in limit.Holders) Row(table, holder, new Cell("holds", Ink.Green));
        for (var i = 0; i < limit.Line.Length; i++) Row(table, limit.Line[i], new Cell($"{i + 1} in line", Ink.Yellow));
        table.Print(terminal);
        foreach (var act in limit.Acts)
            terminal.Talk.WriteLine(Words.OnOneLine($"{Words.Moment(act.At)} {act.By ?? "somebody"}: {act.What}"));
    }

    public static void Json(Utf8JsonWriter json, LimitSummary limit)
    {
        json.WriteStartObject();
        json.WriteString("name", limit.Name);
        Spec(json, limit.Spec);
        json.WriteBoolean("paused", limit.IsPaused);
        json.WriteNumber("held", limit.Held);
        json.WriteNumber("holders", limit.Holders);
        json.WriteEndObject();
    }

    public static void Json(Utf8JsonWriter json, LimitView limit)
    {
        json.WriteStartObject();
        json.WriteString("name", limit.Name);
        json.WriteBoolean("is_set", limit.Spec is not null);
        if (limit.Spec is { } spec) Spec(json, spec);
        JsonText.OrNull(json, "paused", limit.Paused, static (json, pause) => JsonText.Pause(json, pause.Since, pause.Reason, pause.By));
        json.WriteNumber("held", limit.Held);
        json.WriteNumber("holders_total", limit.HoldersTotal);
        People(json, "holders", limit.Holders);
        json.WriteNumber("line_total", limit.LineTotal);
        People(json, "line", limit.Line);
        JsonText.Objects(json, "acts", limit.Acts, (json, act) => JsonText.Act(json, act.At, act.By, act.What));
        json.WriteEndObject();
    }

    private static void Spec(Utf8JsonWriter json, LimitSpec spec)
    {
        json.WriteString("of", Word(spec.Of));
        JsonText.Number(json, "concurrency", spec.Concurrency);
        JsonText.OrNull(json, "rate", spec.Rate, static (json, rate) =>
        {
            json.WriteNumber("count", rate.Count);
            json.WriteNumber("per_seconds", rate.Per.TotalSeconds);
            json.WriteNumber("burst", rate.Burst);
        });
        json.WriteStartObject("shares");
        foreach (var share in spec.Shares) json.WriteNumber(share.Namespace, share.Share);
        json.WriteEndObject();
        json.WriteString("description", spec.Description);
    }

    private static void People(Utf8JsonWriter json, string name, ImmutableArray<LimitHolder> people)
    {
        JsonText.Objects(json, name, people, (json, one) =>
        {
            json.WriteString("holder", one.Ticket.ToString());
            json.WriteString("run_id", one.Ticket.Run.Value);
            json.WriteString("for", one.For);
            json.WriteString("namespace", one.Namespace);
            json.WriteNumber("weight", one.Weight);
            json.WriteNumber("priority", one.Priority);
            json.WriteString("since", one.Since);
        });
    }

    private static void Row(Table table, LimitHolder one, Cell status) => table.Row(
        one.Ticket.ToString(), one.For, status, Cell.Count(one.Weight), Cell.Count(one.Priority), one.Namespace, Words.Moment(one.Since));

    private static string Word(LimitOf of) => of.ToString().ToLowerInvariant();
}
