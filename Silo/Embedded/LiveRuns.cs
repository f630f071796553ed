using System.Collections.Immutable;
using System.Text.Json;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Silo.Embedded;

/// <summary>
/// What only the process that drives a run knows of it: for what its attempts wait, and how far they are. Other processes of the home
/// read it in a file, which the driver renews while somebody looks. Nothing depends on it: what is too old, torn or of an earlier
/// attempt is not shown.
/// </summary>
internal sealed class LiveRuns(string folder, TimeProvider clock)
{
    /// <summary>How long a look lasts, and how old what is seen may be: several rounds of the driver.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    /// <summary>How long one who has just begun to look waits for the driver to notice.</summary>
    private static readonly TimeSpan NoticePatience = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan NoticeEvery = TimeSpan.FromMilliseconds(20);

    private const string Look = ".look", Live = ".json";

    /// <summary>The run with what its driver knows besides; null: that is not known.</summary>
    public async Task<RunView?> View(Run stored, CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + NoticePatience;
        if (!TryLook(stored.Id)) return null;
        while (true)
        {
            if (Read(stored.Id) is { } live && clock.GetUtcNow() - live.At < Fresh) return live.View(stored);
            if (clock.GetUtcNow() >= until) return null;
            await Task.Delay(NoticeEvery, clock, cancellation);
        }
    }

    /// <summary>Shows the runs that are looked at.</summary>
    /// <param name="view">Null: this process does not drive it.</param>
    public async Task Show(Func<RunId, Task<RunView?>> view)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var look in Directory.EnumerateFiles(folder, "run_*" + Look))
        {
            if (!RunId.TryParse(Path.GetFileNameWithoutExtension(look), out var run)) continue;
            var isOver = clock.GetUtcNow() - File.GetLastWriteTimeUtc(look) > Fresh;
            if (!isOver && await view(run) is { } seen)
            {
                isOver = seen.Status.IsTerminal();
                if (!isOver) Write(run, LiveRun.Of(seen, clock.GetUtcNow()));
            }
            if (!isOver) continue;
            File.Delete(look);
            File.Delete(FileOf(run, Live));
        }
    }

    private bool TryLook(RunId run)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using (File.Open(FileOf(run, Look), FileMode.OpenOrCreate)) { }
            File.SetLastWriteTimeUtc(FileOf(run, Look), clock.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // one who may only read sees what is stored
        }
    }

    private LiveRun? Read(RunId run)
    {
        try
        {
            return JsonSerializer.Deserialize<LiveRun>(File.ReadAllBytes(FileOf(run, Live)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whole or not at all.</summary>
    private void Write(RunId run, LiveRun live)
    {
        var file = FileOf(run, Live);
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes(live));
        File.Move(file + ".new", file, overwrite: true);
    }

    private string FileOf(RunId run, string ending) => Path.Combine(folder, run.Value + ending);
}

/// <param name="Steps">Those whose attempt was sent off.</param>
internal sealed record LiveRun(DateTimeOffset At, ImmutableArray<LiveStep> Steps)
{
    public static LiveRun Of(RunView run, DateTimeOffset now) => new(now,
        [.. run.Steps.Where(step => step.Progress is not null || step.Wait is { For: WaitFor.Slot or WaitFor.Limit or WaitFor.Silo })
            .Select(step => new LiveStep(step.Id.Value, step.Stage, step.Attempts, step.Wait, step.Progress))]);

    public RunView View(Run stored)
    {
        var waits = Steps.Where(step => step.Wait is not null).DistinctBy(step => (step.Stage, step.Attempt))
            .ToDictionary(step => (step.Stage, new Attempt(step.Attempt)), step => step.Wait);
        var progress = Steps.Where(step => step.Progress is not null).ToDictionary(step => new StepId(step.Id), step => step.Progress!);
        return stored.View(progress, (stage, attempt) => waits.GetValueOrDefault((stage, attempt)));
    }
}

internal sealed record LiveStep(string Id, int Stage, int Attempt, Wait? Wait, StepProgress? Progress);
