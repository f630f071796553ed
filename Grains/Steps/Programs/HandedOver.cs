using System.Collections.Immutable;
using System.Text.Json;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>
/// The inputs of a program, in <c>inputs/</c> of its working folder. Parquet is handed over as links to the datasets' own
/// files. Those lose the right to be written, which keeps a mistake from them; the owner of the files can take it back, so
/// what they were is remembered and looked at again.
/// </summary>
internal sealed class HandedOver(string folder, DuckSession session, CancellationToken cancellation)
{
    private readonly Dictionary<string, string> _paths = [];
    private readonly List<(InputBinding Bound, ImmutableArray<string> Files, TableFile Format)> _all = [];
    private readonly List<(DatasetRef Dataset, string File, long Length, DateTime Written)> _originals = [];

    /// <summary>By the names of environment variables.</summary>
    public IReadOnlyDictionary<string, string> Paths => _paths;

    /// <param name="own">The Parquet files that hold the input.</param>
    public void Link(InputBinding bound, ImmutableArray<string> own)
    {
        if (own is [var only])
        {
            var file = Link(bound, only, Path.Combine(Inputs, $"{bound.Name}.parquet"));
            Add(bound, file, [file], TableFile.Parquet);
            return;
        }
        var path = Directory.CreateDirectory(Path.Combine(Inputs, bound.Name)).FullName;
        Add(bound, path, [.. own.Select((file, i) => Link(bound, file, Path.Combine(path, $"part-{i:00000}.parquet")))], TableFile.Parquet);
    }

    public void Write(InputBinding bound, string select, TableFile format)
    {
        var path = Path.Combine(Inputs, $"{bound.Name}.{format.ToString().ToLowerInvariant()}");
        var how = format == TableFile.Csv ? "FORMAT csv, HEADER true" : "FORMAT json";
        session.Execute($"COPY {Sql.Nested(select)} TO {Sql.Text(path)} ({how})", cancellation);
        Add(bound, path, [path], format);
    }

    private string Inputs => Directory.CreateDirectory(Path.Combine(folder, "inputs")).FullName;

    private void Add(InputBinding bound, string path, ImmutableArray<string> files, TableFile format)
    {
        var variable = $"ETL_INPUT_{string.Concat(bound.Name.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}";
        if (!_paths.TryAdd(variable, path))
            throw StepFaults.Conflict($"two inputs would be {variable}.", "Give one of the steps another id.");
        _all.Add((bound, files, format));
    }

    private string Link(InputBinding bound, string file, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            try
            {
                var mode = File.GetUnixFileMode(file);
                if ((mode & write) != 0) File.SetUnixFileMode(file, mode & ~write);
            }
            catch (UnauthorizedAccessException)
            {
                // Another user's, who can write to it; we cannot.
            }
        }

        var original = new FileInfo(file);
        _originals.Add((bound.Dataset.Ref, file, original.Length, original.LastWriteTimeUtc));
        return File.CreateSymbolicLink(path, file).FullName;
    }

    /// <summary>Writes <c>inputs.json</c>: by name the dataset, its rows and columns, and its files.</summary>
    public void WriteList()
    {
        using var stream = new FileStream(Path.Combine(folder, "inputs.json"), FileMode.CreateNew);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach (var (bound, files, format) in _all)
        {
            json.WriteStartObject(bound.Name);
            json.WriteString("dataset", bound.Dataset.Ref.ToString());
            json.WriteNumber("rows", bound.Rows);
            json.WriteString("format", format.ToString().ToLowerInvariant());
            json.WriteStartArray("files");
            foreach (var file in files) json.WriteStringValue(file);
            json.WriteEndArray();
            json.WriteStartObject("columns");
            foreach (var column in bound.Dataset.Columns) json.WriteString(column.Name, column.Type);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <exception cref="FaultException">The program wrote to a dataset.</exception>
    public void CheckUnchanged()
    {
        foreach (var (dataset, file, length, written) in _originals)
        {
            var now = new FileInfo(file);
            if (!now.Exists || now.Length != length || now.LastWriteTimeUtc != written)
                throw new FaultException(new Fault(
                    FaultKind.Invalid, StepCodes.ProgramChangedInput, $"the program changed its input {dataset}, which is damaged now.",
                    Hint: "Let it write to files of its own, and run the step that made the dataset again (etl rerun RUN --from STEP)."));
        }
    }
}
