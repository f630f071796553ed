using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime.Messaging;
using Orleans.Timers;

namespace Orleans.Runtime;

internal sealed record GrainReminder(string ReminderName, string ETag) : IGrainReminder;

/// <summary>
/// The reminders of one silo: it serves the grains whose hash falls into its part of the ring of silos, and
/// reads its part again when the ring changes, when a reminder is registered here, and from time to time.
/// Ticks lie on the grid of start and period; one that is missed is skipped. When a part changes hands a tick
/// may come late or twice.
/// </summary>
internal sealed class ReminderService : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly SiloNode _node;
    private readonly IClusterMembership _membership;
    private readonly IReminderTable _table;
    private readonly IGrainFactory _grains;
    private readonly ReminderOptions _options;
    private readonly ILogger<ReminderService> _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId, string), LocalReminder> _local = [];
    private readonly SemaphoreSlim _reading = new(1);
    private ITimer? _refresh;
    private long _refreshed;
    private bool _stopped = true;

    public ReminderService(
        SiloNode node, ICluster cluster, IReminderTable table, IGrainFactory grains,
        IOptions<ReminderOptions> options, ILogger<ReminderService> log)
    {
        _node = node;
        _membership = cluster.Membership;
        _table = table;
        _grains = grains;
        _options = options.Value;
        _log = log;
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ReminderService), ServiceLifecycleStage.Active, Start, Stop);

    public async Task<IGrainReminder> RegisterOrUpdateReminder(
        GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        if (period < _options.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"{reminderName} has a period of {period}; the shortest is {_options.MinimumReminderPeriod}.",
                nameof(period));
        }

        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = _node.Time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        var etag = await _table.UpsertRow(entry)
            ?? throw new ReminderException($"The reminder {reminderName} of {callingGrainId} could not be written.");
        foreach (var silo in _membership.ActiveSilos()) await Notify(silo, callingGrainId);
        return new GrainReminder(reminderName, etag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var handle = (GrainReminder)reminder;
        if (!await _table.RemoveRow(callingGrainId, handle.ReminderName, handle.ETag))
        {
            throw new ReminderException(
                $"The reminder {handle.ReminderName} of {callingGrainId} was changed by another; get it anew.");
        }

        foreach (var silo in _membership.ActiveSilos()) await Notify(silo, callingGrainId);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await _table.ReadRow(callingGrainId, reminderName) is { } entry
            ? new GrainReminder(entry.ReminderName, entry.ETag!)
            : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await _table.ReadRows(callingGrainId)).Reminders
            .Select(entry => new GrainReminder(entry.ReminderName, entry.ETag!))];

    /// <summary>The reminders of a grain have changed; heard by every silo, minded by the one that serves it.</summary>
    public async Task Refresh(GrainId grain)
    {
        if (_stopped) return;
        var rows = OwnsHash(grain.GetUniformHashCode()) ? (await _table.ReadRows(grain)).Reminders : [];
        lock (_gate)
        {
            _refreshed++;
            Replace_NeedsGate(rows, id => id.Equals(grain));
        }
    }

    private async Task Notify(SiloAddress silo, GrainId grain)
    {
        try
        {
            if (silo.Equals(_node.Address)) await Refresh(grain);
            else await _grains.GetGrain<ISiloControl>(SystemGrains.ControlOf(silo)).RemindersChanged(grain);
        }
        catch (Exception error)
        {
            _log.LogWarning(error, "{Silo} was not told of a changed reminder of {Grain}.", silo, grain);
        }
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        await _table.StartAsync(cancellationToken);
        _stopped = false;
        _membership.Changed += OnRingChanged;
        var period = _options.RefreshReminderListPeriod;
        _refresh = _node.Time.CreateTimer(_ => ReadOwnPart(), null, period, period);
        ReadOwnPart();
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        _membership.Changed -= OnRingChanged;
        _stopped = true;
        _refresh?.Dispose();
        lock (_gate)
        {
            foreach (var reminder in _local.Values) reminder.Dispose();
            _local.Clear();
        }

        await _table.StopAsync(cancellationToken);
    }

    private void OnRingChanged(SiloAddress silo, SiloStatus status) => ReadOwnPart();

    private void ReadOwnPart() => Task.Run(async () =>
    {
        await _reading.WaitAsync();
        try
        {
            if (_stopped) return;
            while (true)
            {
                var refreshed = Volatile.Read(ref _refreshed);
                var (begin, end) = OwnPart();
                var rows = (await _table.ReadRows(begin, end)).Reminders;
                // What changed while these were read would be undone by them.
                if (TryReplace(rows, refreshed)) return;
            }
        }
        catch (Exception error)
        {
            _log.LogWarning(error, "The reminders of {Silo} could not be read; later again.", _node.Address);
        }
        finally
        {
            _reading.Release();
        }
    });

    private bool TryReplace(IEnumerable<ReminderEntry> rows, long refreshed)
    {
        lock (_gate)
        {
            if (refreshed != _refreshed) return false;
            Replace_NeedsGate(rows, static _ => true);
            return true;
        }
    }

    private void Replace_NeedsGate(IEnumerable<ReminderEntry> rows, Func<GrainId, bool> among)
    {
        if (_stopped) return;
        var wanted = rows.ToDictionary(row => (row.GrainId, row.ReminderName));
        foreach (var (key, reminder) in _local.Where(known => among(known.Key.Item1)).ToArray())
        {
            if (wanted.TryGetValue(key, out var row) && row.ETag == reminder.Entry.ETag)
            {
                wanted.Remove(key);
                continue;
            }

            reminder.Dispose();
            _local.Remove(key);
        }

        foreach (var (key, row) in wanted) _local[key] = new(row, _node, _grains, _log);
    }

    private bool OwnsHash(uint hash)
    {
        var (begin, end) = OwnPart();
        return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
    }

    // A silo serves the hashes from its predecessor's place on the ring up to its own; alone, all of them.
    private (uint Begin, uint End) OwnPart()
    {
        uint[] places = [.. _membership.ActiveSilos().Select(silo => (uint)silo.GetConsistentHashCode()).Order()];
        var own = (uint)_node.Address.GetConsistentHashCode();
        if (places.Length < 2) return (0, 0);
        var index = Array.IndexOf(places, own);
        return (places[(index + places.Length - 1) % places.Length], own);
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(name, time, "The time is negative or infinite.");
    }
}

/// <summary>One reminder that this silo serves.</summary>
internal sealed class LocalReminder : IDisposable
{
    // Timers cannot wait longer; a reminder further away is looked at again after this.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);
    // A first tick that falls due while the reminder is written and told of is not a missed one.
    private static readonly TimeSpan SettingTakes = TimeSpan.FromSeconds(30);

    private readonly SiloNode _node;
    private readonly IRemindable _grain;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private DateTime _next;

    public LocalReminder(ReminderEntry entry, SiloNode node, IGrainFactory grains, ILogger log)
    {
        Entry = entry;
        _node = node;
        _log = log;
        _grain = grains.GetGrain<IRemindable>(entry.GrainId);
        _next = Now - entry.StartAt < SettingTakes ? entry.StartAt : NextAfter(Now);
        _timer = node.Time.CreateTimer(
            static state => _ = ((LocalReminder)state!).OnDue(), this, Wait(), Timeout.InfiniteTimeSpan);
    }

    public ReminderEntry Entry { get; }

    private DateTime Now => _node.Time.GetUtcNow().UtcDateTime;

    public void Dispose() => _timer.Dispose();

    private async Task OnDue()
    {
        RequestContext.Values = null; // of whoever registered the reminder
        if (Now >= _next)
        {
            try
            {
                await _grain.ReceiveReminder(Entry.ReminderName, new(Entry.StartAt, Entry.Period, Now));
            }
            catch (Exception error)
            {
                _log.LogError(error, "The reminder {Reminder} of {Grain} failed; the next comes at its time.",
                    Entry.ReminderName, Entry.GrainId);
            }

            _next = NextAfter(Now);
        }

        try
        {
            _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Unregistered while it ticked.
        }
    }

    private TimeSpan Wait()
    {
        var wait = _next - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    private DateTime NextAfter(DateTime now)
    {
        if (now <= Entry.StartAt) return Entry.StartAt;
        var past = (now - Entry.StartAt).Ticks / Entry.Period.Ticks;
        return Entry.StartAt.AddTicks((past + 1) * Entry.Period.Ticks);
    }
}
