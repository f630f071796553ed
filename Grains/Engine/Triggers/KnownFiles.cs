using System.Collections.Immutable;

namespace OrleansEtl.Engine.Triggers;

/// <summary>The files that a trigger has seen. One that is gone is remembered as long as there is room: a folder that is away for a while does
/// not make all its files new, while another file in the place of one that was taken away is new whatever is in it.</summary>
public sealed record KnownFiles(ImmutableDictionary<string, KnownFile> All)
{
    public static readonly KnownFiles None = new(ImmutableDictionary<string, KnownFile>.Empty);

    /// <summary>Null: it is not known, or has changed since.</summary>
    public KnownFile? Find(SeenFile seen) =>
        All.TryGetValue(seen.Path, out var known) && known.Size == seen.Size && known.ModifiedAt == seen.ModifiedAt ? known : null;

    /// <param name="takesAll">What is there is known and starts nothing.</param>
    public KnownFiles After(FileSight sight, bool takesAll, DateTimeOffset now, int filesMax)
    {
        var files = All.ToBuilder();
        foreach (var seen in sight.Files)
            if (Find(seen) is { } known) files[seen.Path] = known with { GoneSince = null };
            else
                files[seen.Path] = new KnownFile(
                    seen.Size, seen.ModifiedAt, now, IsOpen: !takesAll,
                    files.GetValueOrDefault(seen.Path) is { GoneSince: null } before ? before.Content : null);
        var there = sight.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, known) in All)
            if (!there.Contains(path))
            {
                if (known.IsOpen) files.Remove(path); // nothing was begun with what it is: when it comes back it is new
                else files[path] = known with { GoneSince = known.GoneSince ?? now };
            }
        var tooMany = files.Count - filesMax;
        if (tooMany > 0)
            files.RemoveRange([.. files.Where(file => file.Value.GoneSince is not null).OrderBy(file => file.Value.GoneSince)
                .ThenBy(file => file.Key, StringComparer.Ordinal).Take(tooMany).Select(file => file.Key)]);
        return new KnownFiles(files.ToImmutable());
    }

    /// <summary>Their content is what it was: somebody has touched them.</summary>
    public KnownFiles Close(ImmutableArray<IdentifiedFile> files) => new(All.SetItems(
        files.Select(file => KeyValuePair.Create(file.File.Path, All[file.File.Path] with { IsOpen = false }))));

    public KnownFiles Start(ImmutableArray<IdentifiedFile> files, RunId run) => new(All.SetItems(files.Select(file => KeyValuePair.Create(
        file.File.Path, All[file.File.Path] with { IsOpen = false, Content = file.Content, Run = run }))));

    /// <summary>The run could not be started: the files start one when they are touched.</summary>
    public KnownFiles WithoutStart(RunId run) => new(All.SetItems(
        All.Where(file => file.Value.Run == run).Select(file => KeyValuePair.Create(file.Key, file.Value with { Content = "", Run = null }))));
}

/// <param name="Since">Since when it is as it is, as far as was seen.</param>
/// <param name="IsOpen">Whether it is still to be decided what becomes of it as it is.</param>
/// <param name="Content">What was in it when it started a run the last time; null: it never did.</param>
/// <param name="Run">That run.</param>
public sealed record KnownFile(
    long Size, DateTimeOffset ModifiedAt, DateTimeOffset Since, bool IsOpen, string? Content = null, RunId? Run = null, DateTimeOffset? GoneSince = null);
