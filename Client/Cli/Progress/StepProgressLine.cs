using System.Globalization;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>How far a step is: of the running attempt while it runs, of its result afterwards.</summary>
internal readonly record struct StepProgressLine(long? Rows, long? Bytes, double? Fraction)
{
    public static StepProgressLine Of(StepView step) => step.Status.IsTerminal()
        ? new(step.RowsOut ?? step.RowsIn, Sum(step.Outputs), 1)
        : step.Items is { Total: > 0 } items ? new(null, null, (items.Succeeded + items.Failed) / (double)items.Total)
        : new(step.Progress?.Rows, step.Progress?.Bytes, step.Progress?.Fraction);

    /// <summary>Rows, rows a second, bytes: what is known of them, apart by two spaces.</summary>
    public string Figures(TimeSpan? took)
    {
        var parts = new List<string>(3);
        if (Rows is { } rows)
        {
            parts.Add(rows == 1 ? "1 row" : $"{Words.Count(rows)} rows");
            if (took is { TotalSeconds: >= 0.5 } since) parts.Add($"{Words.Short(rows / since.TotalSeconds)}/s");
        }
        if (Bytes is { } bytes) parts.Add(Words.Bytes(bytes));
        return string.Join("  ", parts);
    }

    /// <summary>The time still to go, as if it went on as until now; null while that says nothing.</summary>
    public TimeSpan? Eta(TimeSpan? took) =>
        Fraction is > 0.02 and < 1 and { } part && took is { TotalSeconds: >= 1 } since ? since * ((1 - part) / part) : null;

    public string Bar(int width)
    {
        if (Fraction is not { } part) return "";
        var full = (int)Math.Round(Math.Clamp(part, 0, 1) * width);
        return new string('█', full) + new string('░', width - full)
            + string.Create(CultureInfo.InvariantCulture, $" {Math.Floor(part * 100),3:0} %");
    }

    private static long? Sum(IEnumerable<StepOutput> outputs)
    {
        long? sum = null;
        foreach (var output in outputs) sum = output.Bytes is { } bytes ? (sum ?? 0) + bytes : sum;
        return sum;
    }
}
