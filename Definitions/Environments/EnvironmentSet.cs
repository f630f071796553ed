using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Environments;

/// <summary>
/// All environments of a folder <c>environments</c>, checked together: what one inherits is there, nobody inherits from itself, and a value
/// keeps the type of the one that it hides. Nothing is said of an environment before all files were read and found right.
/// </summary>
public sealed class EnvironmentSet
{
    /// <summary>Environments of one folder.</summary>
    public const int FilesMax = 200;
    /// <summary>Folders above a pipeline that are looked into.</summary>
    private const int LevelsMax = 40;

    private readonly SortedDictionary<string, EnvironmentFile> _files;

    private EnvironmentSet(string folder, SortedDictionary<string, EnvironmentFile> files) => (Folder, _files) = (folder, files);

    public string Folder { get; }
    public IEnumerable<string> Names => _files.Keys;

    /// <summary>What is wrong, file by file, with the text of the file.</summary>
    public IEnumerable<(ImmutableArray<Diagnostic> Diagnostics, string Text)> Mistakes =>
        _files.Values.Where(file => file.Findings.HasErrors).Select(file => (file.Findings.All(), file.Text));

    /// <summary>The nearest folder <c>environments</c>: beside the pipeline, or in a folder above; null: there is none.</summary>
    public static string? FolderOf(string start)
    {
        var folder = new DirectoryInfo(Path.GetFullPath(start));
        for (var level = 0; folder is not null && level < LevelsMax; level++, folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, PipelineFolder.Environments)))
                return Path.Combine(folder.FullName, PipelineFolder.Environments);
        return null;
    }

    /// <exception cref="FaultException">There are too many files, or two of one environment.</exception>
    public static EnvironmentSet Load(string folder)
    {
        var paths = Directory.EnumerateFiles(folder).Where(path => Path.GetExtension(path) is ".yaml" or ".yml")
            .Order(StringComparer.Ordinal).Take(FilesMax + 1).ToArray();
        if (paths.Length > FilesMax)
            throw Wrong("ETL6111", $"{folder} has more than {FilesMax} files.", "Keep environments alone in it.");
        var files = new SortedDictionary<string, EnvironmentFile>(StringComparer.Ordinal);
        foreach (var file in paths.Select(EnvironmentFile.Read))
            if (!files.TryAdd(file.Name, file))
                throw Wrong("ETL6122", $"{files[file.Name].File} and {file.File} are both the environment `{file.Name}`.", "Keep one of them.");
        var set = new EnvironmentSet(folder, files);
        set.CheckLineages();
        if (!set.Mistakes.Any()) set.CheckTypes();
        return set;
    }

    /// <returns>Of a set without mistakes: the environment, or why there is none.</returns>
    public Outcome<ResolvedEnvironment> Resolve(string name)
    {
        if (!_files.ContainsKey(name))
            return new Fault(FaultKind.NotFound, "ETL6123", $"There is no environment `{name}` in {Folder}.", null,
                Spelling.Nearest(name, _files.Keys) is { } nearest ? $"Did you mean `{nearest}`?" : $"There are: {string.Join(", ", _files.Keys)}.");
        var lineage = Lineage(name);
        var all = lineage.SelectMany(file => file.Values.Select(value => (File: file, Value: value))).GroupBy(one => one.Value.Name).ToArray();
        var missing = all.Where(group => group.All(one => one.Value.Value is null))
            .Select(group => $"`{group.Key}` (declared by {group.First().File.Name})").ToArray();
        if (missing.Length > 0)
            return new Fault(FaultKind.Invalid, "ETL6124", $"The environment `{name}` sets no value for {string.Join(", ", missing)}.", null,
                $"Set it in {_files[name].File}.");
        return new ResolvedEnvironment(
            name, [.. lineage.Select(file => file.Name)],
            [.. all.OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Resolved(group.Key, [.. group]))]);
    }

    private static EnvironmentValue Resolved(string name, (EnvironmentFile File, WrittenValue Value)[] nearestFirst)
    {
        var set = nearestFirst.Where(one => one.Value.Value is not null).ToArray();
        var (file, value) = set[0];
        return new EnvironmentValue(
            name, TypeOf(nearestFirst), value.Value!,
            nearestFirst.Select(one => one.Value.Description).FirstOrDefault(text => text is not null), file.Name, file.File, value.At.Line,
            [.. set.Skip(1).Select(one => new HiddenValue(one.File.Name, one.Value.Value!))]);
    }

    /// <summary>The type that the eldest one says; else that of the eldest value.</summary>
    private static ValueType TypeOf((EnvironmentFile File, WrittenValue Value)[] nearestFirst) =>
        Enumerable.Reverse(nearestFirst).Select(one => one.Value.Type).FirstOrDefault(type => type is not null)
            ?? ParamReader.Infer(nearestFirst.Last(one => one.Value.Value is not null).Value.Value!);

    private void CheckLineages()
    {
        foreach (var file in _files.Values.Where(file => file.Inherits is not null))
        {
            if (!_files.ContainsKey(file.Inherits!))
                file.Findings.Error("ETL6123", $"There is no environment `{file.Inherits}`.", file.InheritsAt, "inherits",
                    Spelling.Nearest(file.Inherits!, _files.Keys) is { } nearest ? $"Did you mean `{nearest}`?"
                        : $"There are: {string.Join(", ", _files.Keys)}.");
            else if (Lineage(file.Name) is var lineage && lineage[^1].Inherits == file.Name
                && lineage.All(one => string.CompareOrdinal(one.Name, file.Name) >= 0)) // once for the whole circle
                file.Findings.Error("ETL6125",
                    $"Environments inherit from each other in a circle: {string.Join(" → ", lineage.Select(one => one.Name).Append(file.Name))}.",
                    file.InheritsAt, "inherits", "Remove one `inherits`.");
        }
    }

    /// <summary>The file, what it inherits from, and so on, as far as it is there and not there already.</summary>
    private List<EnvironmentFile> Lineage(string name)
    {
        var lineage = new List<EnvironmentFile>();
        for (var next = name; next is not null && _files.TryGetValue(next, out var file) && !lineage.Contains(file); next = file.Inherits)
            lineage.Add(file);
        return lineage;
    }

    /// <summary>Each value against the type that the elders of its own environment say.</summary>
    private void CheckTypes()
    {
        foreach (var file in _files.Values)
            foreach (var value in file.Values)
            {
                var known = Lineage(file.Name).SelectMany(one => one.Values.Where(other => other.Name == value.Name).Select(other => (one, other))).ToArray();
                if (known.All(one => one.other.Type is null && one.other.Value is null)) continue;
                var type = TypeOf(known);
                var path = SpecPath.Field("values", value.Name);
                if (value.Type is { } said && said != type)
                    file.Findings.Error("ETL6126", $"`{value.Name}` is {Describe.Type(type)} in {known[^1].one.Name}, and {Describe.Type(said)} here.",
                        value.At, path, "A value keeps the type of the one that it hides: leave `type` away.");
                else if (value.Value is { } given && Engine.Plans.Values.Conform(type, given) is { Succeeded: false, Fault: var fault })
                    file.Findings.Error("ETL6126", $"`{value.Name}`: {fault.Message}", value.At, path,
                        known.Length > 1 ? $"Its type comes from {known[^1].one.Name}." : null);
            }
    }

    private static FaultException Wrong(string code, string message, string hint) =>
        new(new Fault(FaultKind.Invalid, code, message, null, hint));
}
