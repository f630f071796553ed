using System.Collections.Immutable;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps.Sinks;

/// <summary>What all loads have in common.</summary>
internal static class LoadFields
{
    public const string Promise =
        "A dataset is published together with the end of the step: exactly once, whatever dies. A file at a path is "
        + "written beside its "
        + "place and renamed into it: readers see the old or the new file, never a part; a repeated step writes the "
        + "same file again.";

    private static readonly WithField<string?> Dataset =
        Fields.Text("dataset", "The name in the dataset store. Default, when no path is given: <pipeline>/<step>.")
        .Alias("output_dataset").Optional();

    private static readonly WithField<string?> Path =
        Fields.WritePath("path", "A file outside the store; relative paths start at the folder of the pipeline's file.")
            .Alias("file_path", "output_path").Optional();

    private static readonly WithField<ImmutableArray<string>> OrderBy =
        Fields.Texts("order_by", Ordering.Summary + " Default: as they come.").Optional();

    public static KindDraft Begin(string name, string summary, params WithField[] fields) =>
        StepKind.Load(name, summary).Promises(Promise).Takes(Path, Dataset).Takes(fields).Takes(OrderBy);

    public static WritePlan Write(StepCall step, FileFormat format)
    {
        var order = Ordering.By(step.Input, step.Get(OrderBy));
        return new WritePlan(
            $"SELECT * FROM {step.Input.From} {order}".TrimEnd(), step.Get(Dataset), step.Get(Path), format,
            format as FileFormat.Parquet ?? new FileFormat.Parquet());
    }

    /// <summary>The compression that a field names; <c>auto</c> goes by the ending of the path.</summary>
    public static FileCompression Compression(StepCall step, WithField<string> field) => step.Get(field) switch
    {
        "auto" => FileFormat.CompressionOf(step.Get(Path) ?? ""),
        "gzip" => FileCompression.Gzip,
        "zstd" => FileCompression.Zstd,
        "snappy" => FileCompression.Snappy,
        "lz4" => FileCompression.Lz4,
        _ => FileCompression.None,
    };
}
