using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Definitions.Testing;

namespace OrleansEtl.Cli.Testing;

/// <summary>What came of a case.</summary>
/// <param name="Differences">By what it differs from what was expected, in lines for people; none: it passed.</param>
/// <param name="Faults">Of the pipeline and of the run, where they were not expected.</param>
internal sealed record CaseResult(
    string File, string Name, TimeSpan Took, ImmutableArray<string> Differences, ImmutableArray<Fault> Faults)
{
    public bool HasPassed => Differences.IsEmpty && Faults.IsEmpty;
}

/// <summary>Runs one case in a home that is there for tests alone, and compares.</summary>
internal sealed class CaseRun(
    TestFile file, TestCase @case, PipelineSpec pipeline, IEtl etl, OtherPipelines others, string givenFolder, Surroundings surroundings)
{
    /// <summary>As many rows as a preview shows.</summary>
    public const int RowsMax = 1_000;

    public async Task<CaseResult> Run(CancellationToken cancellation)
    {
        var begun = surroundings.Clock.GetTimestamp();
        var (differences, faults) = await Differences(cancellation);
        return new CaseResult(file.File, @case.Name, surroundings.Clock.GetElapsedTime(begun), differences, faults);
    }

    private async Task<(ImmutableArray<string> Differences, ImmutableArray<Fault> Faults)> Differences(CancellationToken cancellation)
    {
        var (cut, wrong) = TestedPipeline.Of(pipeline, @case, surroundings.Kinds.Specs, FileOf);
        if (cut is null) return ([], wrong);
        Directory.CreateDirectory(givenFolder);
        foreach (var given in @case.Given)
            await File.WriteAllLinesAsync(FileOf(given.Step), given.Rows.Select(row => row.ToJson()), new UTF8Encoding(false), cancellation);
        var folder = Path.GetDirectoryName(Path.GetFullPath(file.Pipeline))!;
        (var spec, wrong) = await others.Register(cut, folder, @case, cancellation);
        if (spec is null) return ([], wrong);
        var begun = await etl.Start(new StartRequest(spec, @case.Params, folder, @case.Timeout, Occasion: @case.Occasion), cancellation);
        if (begun is Begun.Refused refused) return ([], refused.Faults);
        RunView? ended = null;
        await foreach (var view in etl.Watch(((Begun.Run)begun).Id, cancellation)) ended = view;
        return await Compare(ended!, cancellation);
    }

    private string FileOf(StepId step) => Path.Combine(givenFolder, $"{step}.ndjson");

    private async Task<(ImmutableArray<string> Differences, ImmutableArray<Fault> Faults)> Compare(RunView run, CancellationToken cancellation)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        var isMeantToFail = @case.Status is not null || @case.Expected.Any(expected => expected.Fault is not null || expected.Status is "failed");
        if ((@case.Status ?? (isMeantToFail ? null : "succeeded")) is { } status && status != run.Status.Word())
            lines.Add($"the run: expected {status}, found {run.Status.Word()}");
        foreach (var expected in @case.Expected)
        {
            var step = run.Steps.First(one => one.Id == expected.Step);
            lines.AddRange((await Compare(expected, step, cancellation)).Select(line => $"{step.Id}: {line}"));
        }
        var faults = lines.Count == 0 ? [] : run.Steps.Select(step => step.Fault).Append(run.Fault).OfType<Fault>().DistinctBy(fault => fault.Message);
        return (lines.ToImmutable(), [.. faults.Select(Lasting)]);

        // What leads to this run leads nowhere: its home is removed.
        Fault Lasting(Fault fault) => fault.Hint?.Contains(run.Id.Value) == true ? fault with { Hint = null } : fault;
    }

    private async Task<ImmutableArray<string>> Compare(ExpectedStep expected, StepView step, CancellationToken cancellation)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        void Same(string what, object? wanted, object? came)
        {
            if (wanted is not null && !wanted.Equals(came)) lines.Add($"{what} expected {wanted}, found {came ?? "none"}");
        }
        Same("status", expected.Status, step.Status.Word());
        Same("fault", expected.Fault, step.Fault?.Code);
        Same("row_count", expected.RowCount, step.RowsOut);
        Same("rejected", expected.Rejected, step.RowsRejected ?? 0);
        if (!expected.LooksAtRows) return lines.ToImmutable();
        if (step.Outputs.FirstOrDefault(output => output.Port == "out")?.Dataset is not { } dataset)
            return [.. lines, $"it gave no rows: it {step.Status.Word()}"];
        if (expected.Columns is { } columns)
            Same("columns", string.Join(", ", columns), string.Join(", ", dataset.Columns.Select(column => column.Name)));
        if (expected.Rows is not { } rows) return lines.ToImmutable();
        if (dataset.Rows > RowsMax)
            return [.. lines, $"it gave {dataset.Rows} rows; at most {RowsMax} are compared: expect its row_count, or give fewer rows"];
        var came = await etl.Preview(dataset.Ref.Name, dataset.Ref.Version, RowsMax, cancellation);
        return [.. lines, .. RowDiff.Between(rows, came!.Columns, came.Rows, expected.IsOrdered)];
    }
}
