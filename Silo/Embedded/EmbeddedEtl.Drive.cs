using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Silo.Hooks;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Driving the home as a whole: its schedules, and the runs that nobody drives. One process at a time does; others may drive runs of
/// their own beside it.</summary>
public sealed partial class EmbeddedEtl
{
    public bool IsDriven => HomeSeat.IsTaken(_options.Home);

    public async Task Drive(Action<RunId> took, CancellationToken cancellation)
    {
        using var seat = HomeSeat.Take(_options.Home);
        var folders = new HomeFolders(_options, await PipelineFolders(cancellation));
        var silo = _silo = await EmbeddedSilo.Start(
            folders, _store, _seat, _desks.For(RunsOfSchedules(folders)), CancelChild, _clock, cancellation);
        await using var queues = silo.Queues();
        await using var hooks = _options.Hooks is { } taken ? await HookServer.Open(taken, _desks.Triggers, silo.Grains, _clock, cancellation) : null;
        while (true)
        {
            try
            {
                await TakeUp(silo, folders, took, cancellation);
            }
            catch (FaultException e) when (e.Fault.IsTransient) // the store is busy: what nobody drives is there the next time
            {
            }
            await Task.Delay(_options.TakeUpEvery, _clock, cancellation);
        }
    }

    private async Task TakeUp(EmbeddedSilo silo, HomeFolders folders, Action<RunId> took, CancellationToken cancellation)
    {
        var driven = silo.Driven;
        var unfinished = await Unfinished(cancellation);
        silo.Forget(driven.Except(unfinished));
        foreach (var run in unfinished)
            if (!silo.Drives(run) && await TakeUp(run, folders, cancellation)) took(run);
    }

    /// <summary>Those that another process drives stay with it, and those whose files the engine does not reach wait for one that does.</summary>
    private async Task<bool> TakeUp(RunId run, HomeFolders folders, CancellationToken cancellation) =>
        await Past(run, cancellation) is { } past && folders.Reaches(past.Folder)
        && await TakeUp(past, unpauses: false, cancellation) is Begun.Run;

    /// <summary>The folders of all that may have to be run: the engine is opened for them, and for no others.</summary>
    private async Task<ImmutableArray<string>> PipelineFolders(CancellationToken cancellation)
    {
        var folders = new SortedSet<string>(StringComparer.Ordinal) { Directory.GetCurrentDirectory(), Path.GetDirectoryName(_options.Home) ?? "/" };
        foreach (var run in await Unfinished(cancellation))
            if (await Past(run, cancellation) is { } past) folders.Add(past.Folder);
        foreach (var (pipeline, version) in (await Started(cancellation)).Distinct())
            if (await FolderOf(pipeline, version, cancellation) is { } folder) folders.Add(folder);
        return [.. folders.Where(Directory.Exists)];
    }

    /// <summary>What its schedules and triggers start.</summary>
    private async Task<List<(string Pipeline, int? Version)>> Started(CancellationToken cancellation)
    {
        var started = new List<(string, int?)>();
        string? cursor = null;
        do
        {
            var page = await _desks.Schedules.List("", cursor, Paging.LimitMax, cancellation);
            started.AddRange(page.Items.Select(schedule => (schedule.Spec.Pipeline, schedule.Spec.Version)));
            cursor = page.Next;
        }
        while (cursor is not null);
        do
        {
            var page = await _desks.Triggers.List("", cursor, Paging.LimitMax, cancellation);
            started.AddRange(page.Items.Select(trigger => (trigger.Spec.Pipeline, trigger.Spec.Version)));
            cursor = page.Next;
        }
        while (cursor is not null);
        return started;
    }

    /// <summary>Null: its pipeline is not registered any more.</summary>
    private async Task<string?> FolderOf(string pipeline, int? version, CancellationToken cancellation)
    {
        try
        {
            return (await _desks.Schedules.Find(pipeline, version, cancellation)).Folder;
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            return null;
        }
    }

    private async Task<ImmutableArray<RunId>> Unfinished(CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<RunId>();
        for (string? cursor = null; ;)
        {
            var page = await _store.Catalog.Runs(new RunQuery(UnfinishedOnly: true, Cursor: cursor, Limit: Paging.LimitMax), cancellation);
            found.AddRange(page.Items.Where(run => !run.Status.IsAtRest()).Select(run => run.Id));
            if (page.Next is null) return found.DrainToImmutable();
            cursor = page.Next;
        }
    }

    /// <summary>How the runs of schedules are started here: as those that people start, so that letters reach them.</summary>
    private RunsOfSchedules RunsOfSchedules(HomeFolders folders) => new(
        async (run, start) => !folders.Reaches(start.Folder) ? new Answer.Refused([OutOfReach(start.Folder)])
            : await _silo!.Start(run, start),
        (run, reason) => Cancel(run, reason, null, CancellationToken.None));

    private static Fault OutOfReach(string folder) => new(FaultKind.Denied, "ETL3836",
        $"The process that drives this home was started before a pipeline of {folder} was scheduled, and cannot read files there.", null,
        $"Start etl dev again, or start it with --allow and a folder that has {folder} in it.");
}
