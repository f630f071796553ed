namespace OrleansEtl.Definitions.Templates;

/// <summary>The templates nearest to pipelines; each folder is read once.</summary>
public sealed class TemplateFolders
{
    private readonly Dictionary<string, TemplateSet> _sets = [];

    /// <param name="file">A pipeline's.</param>
    /// <returns>Null: there is no folder <c>templates</c> beside it or above it.</returns>
    public TemplateSet? Near(string file)
    {
        if (TemplateSet.FolderOf(Path.GetDirectoryName(Path.GetFullPath(file))!) is not { } folder) return null;
        return _sets.TryGetValue(folder, out var known) ? known : _sets[folder] = TemplateSet.Load(folder);
    }
}
