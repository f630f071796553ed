using System.Text;
using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Definitions;

/// <summary>Pipeline files: YAML text to <see cref="PipelineSpec"/> and back. Reading never throws for what is in the file: every
/// input, binary rubbish too, gives a spec or diagnostics.</summary>
public static class PipelineYaml
{
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="kinds">Knows the older names of kinds and fields. Whether a step's kind exists is the plan's question.</param>
    public static ReadResult Read(ReadOnlySpan<byte> bytes, string file, KindCatalog kinds) =>
        Read(bytes, file, kinds, YamlBounds.Default);

    public static ReadResult Read(ReadOnlySpan<byte> bytes, string file, KindCatalog kinds, YamlBounds bounds) =>
        Read(bytes, file, kinds, bounds, () => null);

    /// <param name="templates">Those that a pipeline may use; asked only when it uses one.</param>
    public static ReadResult Read(ReadOnlySpan<byte> bytes, string file, KindCatalog kinds, YamlBounds bounds, Func<TemplateSet?> templates)
    {
        var findings = new Findings(file, bounds.DiagnosticsMax);
        var text = FileText.Read(bytes, bounds, findings);
        var root = text is null ? null : TreeReader.Read(text, bounds, findings);
        if (root is null) return Failed(file, findings, text ?? "");
        var (made, used) = Expansion.Of(root, templates, kinds, findings, TemplateBounds.Default);
        if (made is null) return Failed(file, findings, text!);
        var (draft, schedules, triggers, map) = SpecReader.Read(made, kinds, bounds, findings);
        if (used is not null && draft is not null) draft = draft with { Templates = used };
        return new ReadResult(file, findings.HasErrors ? null : draft, draft, map, findings.All(), text!)
        {
            FaultyPaths = [.. findings.Paths],
            Schedules = schedules,
            Triggers = triggers,
        };
    }

    public static ReadResult Read(string text, string file, KindCatalog kinds) => Read(Encoding.UTF8.GetBytes(text), file, kinds);

    /// <summary>Reads a file. One that is too large is refused by its length, without being read.</summary>
    /// <param name="templates">Null: of the nearest folder <c>templates</c>.</param>
    public static ReadResult ReadFile(string path, KindCatalog kinds, TemplateFolders? templates = null)
    {
        var bounds = YamlBounds.Default;
        var findings = new Findings(path, bounds.DiagnosticsMax);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Read(stream, path, kinds, bounds, () => (templates ?? new TemplateFolders()).Near(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            findings.Error(YamlCodes.Unreadable, $"There is no file `{path}`.", null, null,
                "Check the path, or run `etl init` to make one.");
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            findings.Error(YamlCodes.Unreadable, $"`{path}` is a folder; expected a pipeline's file.", null, null, "Name the files in it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Error(YamlCodes.Unreadable, $"`{path}` cannot be read: {e.Message}", null);
        }
        return Failed(path, findings, "");
    }

    /// <summary>Reads a stream to its end, or to the bound.</summary>
    public static ReadResult Read(Stream stream, string file, KindCatalog kinds, YamlBounds bounds, Func<TemplateSet?>? templates = null)
    {
        if (stream.CanSeek && stream.Length > bounds.BytesMax)
        {
            var findings = new Findings(file, bounds.DiagnosticsMax);
            FileText.TooLarge(stream.Length, bounds, findings);
            return Failed(file, findings, "");
        }
        var bytes = new byte[bounds.BytesMax + 1];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Read(bytes.AsSpan(0, count), file, kinds, bounds, templates ?? (() => null));
    }

    /// <summary>The spec as a file. Reading it gives the same spec again.</summary>
    public static string Write(PipelineSpec spec) => SpecWriter.Write(spec);

    private static ReadResult Failed(string file, Findings findings, string text) =>
        new(file, null, null, SourceMap.Empty, findings.All(), text);
}
