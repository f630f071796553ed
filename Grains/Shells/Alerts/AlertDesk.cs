using System.Collections.Immutable;
using OrleansEtl.Channels;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>What alerts work with: where they are stored, what is asked about runs and pipelines, and who sends.</summary>
/// <param name="Find">A registered version of a pipeline; null: the active one.</param>
/// <param name="Schedules">Where the schedules of pipelines are stored.</param>
/// <param name="NewId">Makes the ids of writes.</param>
public sealed partial record AlertDesk(
    IGrainStates States, IRunCatalog Runs, IRunJournal Journal, Func<string, int?, CancellationToken, Task<PipelineVersion>> Find,
    ScheduleDesk Schedules, PauseStore Pauses, IChannels Channels, ISender Sender, TimeProvider Clock, Func<Guid> NewId)
{
    public AlertBounds Bounds { get; init; } = AlertBounds.Default;
    /// <summary>Others that write first before one gives up.</summary>
    public int TriesMax { get; init; } = 20;
    /// <summary>Messages that one process sends at once: a slow channel does not hold up the others.</summary>
    public int SendsAtOnce { get; init; } = 32;
    public UnderWay UnderWay { get; init; } = new();
    /// <summary>A run as whoever drives it sees it, with what it waits for; null: nobody knows more than its journal.</summary>
    public Func<RunId, Task<RunView?>> View { get; init; } = _ => Task.FromResult<RunView?>(null);

    public SilenceStore Silences => new(States, Clock, NewId);

    /// <summary>A run is about to begin. One that is stored already was announced before it was, and may have ended long ago.</summary>
    public async Task Announce(KeptWatch kept, RunId run, DateTimeOffset? lateAt)
    {
        if (await Runs.Run(run, CancellationToken.None) is null) await kept.Hear(new News.Begins(run, lateAt));
    }

    /// <summary>A pipeline is about to be registered, retired or rolled back: who watches it reads soon what it became, also when nobody is there
    /// to say so.</summary>
    public async Task Registering(string pipeline, DefinitionCommand command)
    {
        var concerns = command is DefinitionCommand.RollBack
            || command is DefinitionCommand.Register register && register.Spec.Alert(AlertOn.Stale) is not null;
        if (concerns) await new KeptWatch(this, pipeline).Hear(new News.Registering());
    }

    /// <summary>What the registry says about a pipeline.</summary>
    public async Task<News> Registered(string pipeline)
    {
        try
        {
            var rule = (await Find(pipeline, null, CancellationToken.None)).Spec.Alert(AlertOn.Stale);
            return new News.Registered(rule, rule is not null && await IsHeld(pipeline));
        }
        catch (FaultException e) when (e.Fault.Kind is FaultKind.NotFound or FaultKind.Conflict)
        {
            return new News.Registered(null, false);
        }
    }

    /// <summary>What became of a run that was announced; null: it goes on.</summary>
    public async Task<News?> Look(RunId run)
    {
        if (await Runs.Run(run, CancellationToken.None) is not { } row) return new News.NotThere(run);
        if (!row.Status.IsTerminal()) return null;
        if (row.Status != RunStatus.Failed) return new News.Ended(run, row.Status, row.EndedAt ?? row.StartedAt);
        return await PastRun.Read(Journal, run, CancellationToken.None) is { } past
            ? RunAlerts.Ended(past.Plan!.Spec, past.View()) : new News.NotThere(run);
    }

    /// <summary>Why a run whose time is up has not ended.</summary>
    public async Task<News> Overdue(RunId run)
    {
        if (await PastRun.Read(Journal, run, CancellationToken.None) is not { } past) return new News.NotThere(run);
        var view = past.Status.IsTerminal() ? past.View() : await View(run) ?? past.View();
        return RunAlerts.Overdue(past.Plan!.Spec, view, Clock.GetUtcNow());
    }

    /// <summary>One try. Null: it has arrived.</summary>
    public async Task<Fault?> Send(string channel, ChannelMessage message)
    {
        try
        {
            return Channels.Find(channel) is { } found
                ? await Sender.Send(found, message, Bounds.SendWithin)
                : AlertCheck.UnknownChannel(channel, Channels.Names);
        }
        catch (FaultException e) // it is wrongly defined
        {
            return e.Fault;
        }
    }

    private async Task<bool> IsHeld(string pipeline)
    {
        if ((await Pauses.Read(CancellationToken.None)).Of(pipeline) is not null) return true;
        var hasSchedule = false;
        for (string? cursor = null; ;)
        {
            var page = await Schedules.List("", cursor, Paging.LimitMax, CancellationToken.None);
            foreach (var schedule in page.Items.Where(schedule => schedule.Spec.Pipeline == pipeline))
            {
                if (!schedule.Spec.IsPaused) return false;
                hasSchedule = true;
            }
            if (page.Next is null) return hasSchedule;
            cursor = page.Next;
        }
    }
}
