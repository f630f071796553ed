using System.Collections.Immutable;
using Orleans;
using Orleans.Placement;
using OrleansEtl.Data.Files;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Shells.Triggers;

/// <summary>Looks at files on a silo that sees them, beside its turns: a folder may be slow.</summary>
[GrainType("file-look"), Role(SiloRoles.Data)]
public sealed class FileLookGrain(Func<string, PathRules> rulesOf) : Grain, IFileLookGrain
{
    public Task<FileSight> Look(string folder, string path, int filesMax) => Watched(path, () => rulesOf(folder).Look(path, filesMax));

    public Task<ImmutableArray<IdentifiedFile>> Identify(string folder, ImmutableArray<SeenFile> files) => Watched(folder, () =>
    {
        var (rules, found) = (rulesOf(folder), ImmutableArray.CreateBuilder<IdentifiedFile>());
        foreach (var file in files)
            if (Content(rules, file) is { } content) found.Add(new IdentifiedFile(file, content));
        return found.DrainToImmutable();
    });

    /// <summary>Null: it has changed, is gone, or leads elsewhere since it was seen; the next look tells.</summary>
    private static string? Content(PathRules rules, SeenFile file)
    {
        try
        {
            return rules.Allows(file.Path) ? FileIdentity.Of(file, CancellationToken.None) : null;
        }
        catch (IOException) when (!File.Exists(file.Path))
        {
            return null;
        }
    }

    private static async Task<T> Watched<T>(string path, Func<T> look)
    {
        try
        {
            return await Task.Run(look);
        }
        catch (FaultException e) when (e.Fault.Kind == FaultKind.NotFound)
        {
            throw new FaultException(e.Fault with { Code = TriggerCodes.FolderMissing, Hint = "It is looked again; make the folder, or mend the path." });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(new Fault(FaultKind.Unavailable, TriggerCodes.LookFailed, $"'{path}' cannot be looked at: {e.Message}"));
        }
    }
}
