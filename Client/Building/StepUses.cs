using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>What can begin a chain: see <see cref="PipelineBuilder.From"/>.</summary>
public interface ISource
{
    string SourceKind { get; }
    SpecValue.Map SourceFields { get; }
}

/// <summary>What can end a chain: see <see cref="PipelineBuilder.To"/>.</summary>
public interface ISink
{
    string SinkKind { get; }
    SpecValue.Map SinkFields { get; }
}

/// <summary>What can stand between: see <see cref="PipelineBuilder.Then"/>.</summary>
/// <param name="Reads">The steps that it reads besides the one before.</param>
public sealed record Transform(string Kind, SpecValue.Map Fields, ImmutableArray<string> Reads)
{
    internal static Transform Of(string kind, object fields, params string[] reads) => new(kind, SpecValues.Fields(fields), [.. reads]);

    /// <summary>The same with further fields.</summary>
    public Transform With(object fields) => this with { Fields = SpecValues.Merge(Fields, fields) };
}

/// <summary>A source that is nothing else.</summary>
public sealed record Source(string SourceKind, SpecValue.Map SourceFields) : ISource
{
    /// <summary>The same with further fields.</summary>
    public Source With(object fields) => this with { SourceFields = SpecValues.Merge(SourceFields, fields) };
}

/// <summary>Files of one format, to be read or to be written.</summary>
public sealed record FilesAt : ISource, ISink
{
    private readonly string _format;
    private readonly ImmutableArray<string> _paths;
    private readonly SpecValue.Map _fields;

    internal FilesAt(string format, ImmutableArray<string> paths, SpecValue.Map fields) =>
        (_format, _paths, _fields) = (format, paths, fields);

    public string SourceKind => "extract." + _format;
    public string SinkKind => "load." + _format;

    public SpecValue.Map SourceFields => _paths.Length == 1
        ? SpecValues.Merge(SpecValues.Fields(new { path = _paths[0] }), _fields)
        : SpecValues.Merge(SpecValues.Fields(new { path = _paths }), _fields);

    public SpecValue.Map SinkFields => SourceFields;

    /// <summary>The same with further fields: <c>new { header = true }</c>.</summary>
    public FilesAt With(object fields) => new(_format, _paths, SpecValues.Merge(_fields, fields));
}

/// <summary>A dataset of the store, written under a name of its own.</summary>
public sealed record NamedDataset : ISink
{
    internal NamedDataset(string sinkKind, SpecValue.Map fields) => (SinkKind, SinkFields) = (sinkKind, fields);

    public string SinkKind { get; }
    public SpecValue.Map SinkFields { get; }
}

/// <summary>CSV files.</summary>
public static class Csv
{
    public static FilesAt At(params string[] paths) => new("csv", [.. paths], SpecValue.Map.Empty);
}

/// <summary>JSON files, an array or one object a line.</summary>
public static class Json
{
    public static FilesAt At(params string[] paths) => new("json", [.. paths], SpecValue.Map.Empty);
}

/// <summary>Parquet files, and datasets of the store.</summary>
public static class Parquet
{
    public static FilesAt At(params string[] paths) => new("parquet", [.. paths], SpecValue.Map.Empty);
    public static NamedDataset Dataset(string name) => new("load.parquet", SpecValues.Fields(new { dataset = name }));
}

/// <summary>Made-up rows.</summary>
public static class Generate
{
    /// <param name="columns">Name to how it is made: <c>new { id = new { generator = "sequence" } }</c>.</param>
    public static Source Rows(long rows, object columns) =>
        new("extract.generate", SpecValues.Fields(new { rows, columns }));
}
