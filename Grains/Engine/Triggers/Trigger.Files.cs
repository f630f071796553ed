using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>Those whose content has to be known before it can be decided about them.</summary>
    public ImmutableArray<SeenFile> Settled(DateTimeOffset now, TriggerBounds bounds)
    {
        if (Spec is not { On: TriggerSource.OfFile source }) return [];
        var (settled, bytes) = (ImmutableArray.CreateBuilder<SeenFile>(), 0L);
        foreach (var (path, file) in Files.All.Where(file => file.Value.IsOpen && now - file.Value.Since >= source.Settle)
            .OrderBy(file => file.Value.ModifiedAt).ThenBy(file => file.Key, StringComparer.Ordinal)
            .Take(Math.Min(bounds.IdentifiedMax, RoomFor(source, bounds))))
        {
            bytes += file.Size <= SeenFile.ReadMax ? file.Size : 0;
            if (bytes > bounds.ReadBytesMax && settled.Count > 0) break;
            settled.Add(new SeenFile(path, file.Size, file.ModifiedAt));
        }
        return settled.DrainToImmutable();
    }

    private int RoomFor(TriggerSource.OfFile source, TriggerBounds bounds) =>
        Starting.Count >= bounds.StartsMax ? 0 : source.Runs == FileRuns.PerBatch ? bounds.BatchMax : bounds.StartsMax - Starting.Count;

    private Trigger Saw(TriggerCommand.FilesSeen seen, DateTimeOffset now, TriggerBounds bounds)
    {
        if (Spec!.On is not TriggerSource.OfFile source) return this;
        if (seen.Sight.Files.Length > bounds.FilesMax)
            return Failed(new Fault(FaultKind.Exhausted, TriggerCodes.TooManyFiles,
                $"More than {bounds.FilesMax} files match '{source.Path}', which is all that a trigger can remember.", null,
                "Move or delete files that have been dealt with, or write a narrower pattern."), now, bounds);
        var takesAll = LastLook is null && !source.IncludesExisting;
        return (this with { Files = Files.After(seen.Sight, takesAll, now, bounds.FilesMax) }).Looked(now, source.Every);
    }

    private Trigger Identified(ImmutableArray<IdentifiedFile> files, DateTimeOffset now, TriggerBounds bounds)
    {
        if (Spec!.On is not TriggerSource.OfFile source) return this;
        var fresh = files.Where(file => Files.Find(file.File) is { IsOpen: true }).ToImmutableArray();
        var known = fresh.Where(file => Files.Find(file.File)!.Content == file.Content).ToImmutableArray();
        var after = this with { Files = Files.Close(known) };
        var news = fresh.Except(known).ToImmutableArray();
        if (source.Runs == FileRuns.PerFile)
            return news.Take(bounds.StartsMax - Starting.Count).Aggregate(after, (trigger, file) => trigger.StartsFor([file], now));
        return news.IsEmpty || Starting.Count >= bounds.StartsMax ? after : after.StartsFor([.. news.Take(bounds.BatchMax)], now);
    }

    /// <summary>One run for these; which it is, is told by their names and contents.</summary>
    private Trigger StartsFor(ImmutableArray<IdentifiedFile> files, DateTimeOffset now)
    {
        var key = EventKey.Of(Id, "files/" + string.Join('\n', files.Select(file => $"{file.File.Path}\t{file.Content}")));
        var first = files[0].File;
        var what = files.Length == 1 ? $"file {first.Path}" : $"{files.Length} files, first {first.Path}";
        var values = new SpecValue.Map(
        [
            new Field("path", new SpecValue.Text(first.Path)),
            new Field("name", new SpecValue.Text(first.Path[(first.Path.LastIndexOf('/') + 1)..])),
            new Field("size", new SpecValue.Integer(first.Size)),
            new Field("modified_at", new SpecValue.Text(Moment(first.ModifiedAt))),
            new Field("content", new SpecValue.Text(files[0].Content)),
            new Field("count", new SpecValue.Integer(files.Length)),
            new Field("paths", new SpecValue.List([.. files.Select(file => new SpecValue.Text(file.File.Path))])),
        ]);
        var after = Starts(key, now, now, what, values);
        return after with { Files = after.Files.Start(files, key.Run(now)) };
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
