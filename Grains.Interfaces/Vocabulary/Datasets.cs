using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>A column: its name and its DuckDB type, for example <c>DECIMAL(18,4)</c>.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.Column)]
public sealed record Column(string Name, string Type);

/// <summary>Names one immutable version of a dataset: <c>flights/clean@run_01…</c>.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.DatasetRef)]
public sealed record DatasetRef(string Name, string Version)
{
    public override string ToString() => $"{Name}@{Version}";
}

/// <summary>Names what a step gives at one of its ports: <c>orders/clean</c>, <c>orders/clean.rejects</c>. In the store it has that name, unless the step
/// says another.</summary>
public readonly record struct DatasetName(string Pipeline, StepId Step, string Port)
{
    /// <summary>The port that is not named.</summary>
    public const string Out = "out";

    public static bool TryParse(string text, out DatasetName name)
    {
        name = default;
        var slash = text.IndexOf('/');
        if (slash <= 0) return false;
        var rest = text[(slash + 1)..];
        var dot = rest.IndexOf('.');
        var (step, port) = dot < 0 ? (rest, Out) : (rest[..dot], rest[(dot + 1)..]);
        if (!StepId.IsValid(step) || port.Length == 0 || port.Contains('/')) return false;
        name = new DatasetName(text[..slash], new StepId(step), port);
        return true;
    }

    public override string ToString() => Port == Out ? $"{Pipeline}/{Step}" : $"{Pipeline}/{Step}.{Port}";
}

/// <summary>One immutable version of a dataset: a folder of Parquet files with a manifest.</summary>
/// <param name="Location">The folder, relative to the dataset store's root.</param>
/// <param name="Files">File names within the folder, in reading order.</param>
/// <param name="ContentHash">Names the bytes of all files.</param>
/// <param name="Inputs">The dataset versions that it was made from.</param>
[GenerateSerializer, Immutable, Alias(WireNames.DatasetVersion)]
public sealed record DatasetVersion(
    DatasetRef Ref,
    string Location,
    ImmutableArray<string> Files,
    ImmutableArray<Column> Columns,
    long Rows,
    long Bytes,
    string ContentHash,
    ImmutableArray<DatasetRef> Inputs);

/// <summary>What a step gave at one of its ports: a dataset version in the store, a file outside, or both.</summary>
/// <param name="Path">The absolute path of a file outside the store.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StepOutput)]
public sealed record StepOutput(
    string Port,
    DatasetVersion? Dataset,
    string? Path,
    long? Rows,
    long? Bytes);
