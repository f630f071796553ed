using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Definitions.Templates;

/// <summary>All templates of a folder <c>templates</c>. A file may have any name: what counts is what it says that it is.</summary>
public sealed class TemplateSet
{
    /// <summary>Folders above a pipeline that are looked into.</summary>
    private const int LevelsMax = 40;

    private TemplateSet(string folder, ImmutableArray<PipelineTemplate> templates) => (Folder, Templates) = (folder, templates);

    public string Folder { get; }

    /// <summary>By name and version, those with mistakes too.</summary>
    public ImmutableArray<PipelineTemplate> Templates { get; }

    /// <summary>The nearest folder <c>templates</c>: beside the pipeline, or in a folder above; null: there is none.</summary>
    public static string? FolderOf(string start)
    {
        var folder = new DirectoryInfo(Path.GetFullPath(start));
        for (var level = 0; folder is not null && level < LevelsMax; level++, folder = folder.Parent)
            if (folder.Name == PipelineFolder.Templates && folder.Exists) return folder.FullName;
            else if (Directory.Exists(Path.Combine(folder.FullName, PipelineFolder.Templates)))
                return Path.Combine(folder.FullName, PipelineFolder.Templates);
        return null;
    }

    /// <exception cref="FaultException">There are too many files, or the folder cannot be read.</exception>
    public static TemplateSet Load(string folder)
    {
        try
        {
            var shown = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder);
            var files = Directory.EnumerateFiles(shown.StartsWith("..", StringComparison.Ordinal) ? folder : shown)
                .Where(path => Path.GetExtension(path) is ".yaml" or ".yml")
                .Order(StringComparer.Ordinal).Take(TemplateBounds.Default.FilesMax + 1).ToArray();
            if (files.Length > TemplateBounds.Default.FilesMax)
                throw new FaultException(new Fault(FaultKind.Invalid, "ETL6111", $"{folder} has more than {TemplateBounds.Default.FilesMax} files.", null,
                    "Keep templates alone in it."));
            return Of(folder, files.Select(TemplateReader.ReadFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(new Fault(FaultKind.Invalid, "ETL6110", $"`{folder}` cannot be read: {e.Message}"));
        }
    }

    public static TemplateSet Of(string folder, IEnumerable<PipelineTemplate> templates) =>
        new(folder, [.. templates.OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Version)]);

    /// <summary>The template that a <c>uses: NAME@VERSION</c> means; null, with a finding, when there is none.</summary>
    internal PipelineTemplate? Find(Node uses, Findings findings)
    {
        var text = (uses as Node.Scalar)?.Text ?? "";
        var at = text.LastIndexOf('@');
        var name = at < 0 ? text : text[..at];
        if (!TemplateReader.NameForm().IsMatch(name) || at < 0 || !int.TryParse(text.AsSpan(at + 1), CultureInfo.InvariantCulture, out var version))
        {
            findings.Error(TemplateCodes.WrongUse, $"`uses` must be a template and its version, found {uses.Shape}.", uses.Range, "uses",
                Versions(name) is { Length: > 0 } there ? $"There is: {there}." : "For example: uses: csv_mart@1");
            return null;
        }
        var found = Templates.Where(one => one.Name == name && one.Version == version).ToArray();
        if (found.Length == 1) return found[0];
        if (found.Length > 1)
            findings.Error(TemplateCodes.TwoFiles, $"Several files are {text}: {string.Join(", ", found.Select(one => one.Source.Path))}.", uses.Range, "uses",
                "Keep one of them, or give them versions of their own.");
        else
            findings.Error(TemplateCodes.NotFound, $"There is no template `{text}` in {Folder}.", uses.Range, "uses", Advice(name));
        return null;
    }

    private string Advice(string name)
    {
        if (Versions(name) is { Length: > 0 } others) return $"There is: {others}.";
        if (Templates.FirstOrDefault(one => one.Name.Length == 0 || one.Version == 0) is { } unread)
            return $"{unread.Source.Path} has mistakes: etl validate {unread.Source.Path}";
        return Spelling.Nearest(name, Templates.Select(one => one.Name)) is { } nearest ? $"Did you mean `{Versions(nearest)}`?"
            : Templates.IsEmpty ? "The folder has none." : $"There are: {string.Join(", ", Templates)}.";
    }

    private string Versions(string name) => string.Join(", ", Templates.Where(one => one.Name == name));
}
