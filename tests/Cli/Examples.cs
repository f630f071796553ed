using System.Collections.Immutable;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Tests;

/// <summary>Runs at a moment of their life, always the same.</summary>
internal static class Examples
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 2, 30, 0, TimeSpan.Zero);
    public static readonly RunId Id = RunId.New(Start, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    private static readonly Fault Broken = new(
        FaultKind.Invalid, "ETL4102", "orders.csv line 7: column 'amount' holds 'abc', expected a number",
        Hint: "mend the line, or set `rejects`");

    public static RunView Succeeded => Run(RunStatus.Succeeded, 12.3,
        Step("orders", "extract.csv", StepStatus.Succeeded, 0, 4.2) with
        {
            RowsIn = 1_204_000, RowsOut = 1_200_000, RowsRejected = 4_000,
            Outputs = [Dataset("orders/orders", 1_200_000), Dataset("orders/orders.rejects", 4_000) with { Port = "rejects" }],
        },
        Step("load", "load.csv", StepStatus.Succeeded, 4.2, 12.3) with
        {
            Stage = 1, DependsOn = [new("orders")], RowsIn = 1_200_000, RowsOut = 1_200_000,
            Outputs = [new StepOutput("out", null, "/data/out/orders.csv", 1_200_000, 33_000_000)],
        });

    public static RunView Failed => Run(RunStatus.Failed, 3,
        Step("orders", "extract.csv", StepStatus.Failed, 0, 3) with { Attempts = 4, Fault = Broken },
        Step("load", "load.csv", StepStatus.Skipped, null, null) with { Stage = 1, Attempts = 0, DependsOn = [new("orders")] })
        with { Fault = Broken };

    public static RunView Running => Run(RunStatus.Running, null,
        Step("orders", "extract.csv", StepStatus.Succeeded, 0, 4) with { RowsOut = 1_200_000 },
        Step("clean", "transform.clean_nulls", StepStatus.Running, 4, null) with { Progress = new(new("clean"), 600_000, 9_000_000, 0.5) },
        Step("audit", "check.unique", StepStatus.Retrying, 4, null) with
        {
            Attempts = 2, Fault = Broken, Waiting = "tries again at 02:30:20", Wait = new(WaitFor.Retry, "tries again at 02:30:20", null, At(20)),
        },
        Step("load", "load.csv", StepStatus.Waiting, null, null) with
        {
            Attempts = 0, Waiting = "waits for clean, audit", Wait = new(WaitFor.Input, "waits for clean, audit", Start),
        });

    /// <summary>Two attempts were sent off, and neither has got its slot.</summary>
    public static RunView HeldUp
    {
        get
        {
            Wait[] waits = [new SlotWait(At(4), 0, true, false).Wait(), new SlotWait(At(4), 1, true, true).Wait()];
            return Run(RunStatus.Running, null,
                Step("orders", "extract.csv", StepStatus.Succeeded, 0, 4) with { RowsOut = 1_200_000 },
                Step("clean", "transform.clean_nulls", StepStatus.Waiting, null, null) with { Waiting = waits[0].Text, Wait = waits[0] },
                Step("audit", "check.unique", StepStatus.Waiting, null, null) with { Waiting = waits[1].Text, Wait = waits[1] })
                with { Wait = waits[0] };
        }
    }

    public static DateTimeOffset At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    public static Screen Piped() => new(isTerminal: false);
    public static Screen OnTerminal() => new(isTerminal: true);

    private static RunView Run(RunStatus status, double? seconds, params StepView[] steps) => new(
        Id, "orders", "0123456789abcdef", status, 9, Start, seconds is { } s ? At(s) : null, [], null, null, [.. steps]);

    private static StepView Step(string id, string kind, StepStatus status, double? from, double? to) => new(
        new StepId(id), kind, 0, status, 1, [], from is { } f ? At(f) : null, to is { } t ? At(t) : null,
        null, null, null, null, null, [], [], null);

    private static StepOutput Dataset(string name, long rows) => new(
        "out",
        new DatasetVersion(
            new DatasetRef(name, Id.Value), $"{name}/{Id}", ["part-0.parquet"], [new Column("id", "BIGINT")], rows, rows * 8, "hash", []),
        null, rows, rows * 8);
}

/// <summary>A terminal whose streams are kept.</summary>
internal sealed class Screen
{
    public Screen(bool isTerminal)
    {
        Data = new StringWriter { NewLine = "\n" };
        Talk = new StringWriter { NewLine = "\n" };
        Terminal = new Terminal(Data, Talk, isTerminal, isTerminal, isTerminal, () => 100);
    }

    public StringWriter Data { get; }
    public StringWriter Talk { get; }
    public Terminal Terminal { get; }
}
