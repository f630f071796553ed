using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime.MembershipService;

/// <summary>How a silo keeps its own lease and judges others.</summary>
internal sealed partial class TableMembership
{
    // A refused probe is repeated after this, so that one lost listener queue or one reset does not make a vote.
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(40);

    private readonly ConcurrentDictionary<SiloAddress, Task<bool>> _examined = new();
    private readonly Batched<MembershipTableData> _reading;
    private volatile TaskCompletionSource _renewNow = new();
    private long _judgesFrom;
    private long _cleansFrom;
    private bool _wasAway = true;

    // Not on the stack of whoever doubts, which may be a letter's.
    private void RenewSoon()
    {
        if (!_renewNow.Task.IsCompleted) _ = Start(() => Task.FromResult(_renewNow.TrySetResult()));
    }

    private async Task KeepLease()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await _renewNow.Task.WaitAsync(_options.IAmAliveTablePublishTimeout, _time, _ended.Token);
            }
            catch (TimeoutException)
            {
                // It is time.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _renewNow = new();
            var started = _time.GetTimestamp();
            try
            {
                await Renew();
                await JudgeLeases();
                await CleanUp();
            }
            catch (Exception error) when (!_ended.IsCancellationRequested)
            {
                await GoOnWithoutTable(error, started);
            }
            catch (Exception)
            {
                // The end.
            }
        }
    }

    private async Task Renew()
    {
        var started = _time.GetTimestamp();
        _own!.IAmAliveTime = Now;
        await _table.UpdateIAmAlive(_own).WaitAsync(_options.Lease / 2, _time);
        await _reading.Next();
        if (_died) return;
        if (_wasAway) _judgesFrom = _time.GetTimestamp() + Ticks(_options.Lease);
        _wasAway = false;
        Vigil.Trust(started, started + Ticks(_options.Lease));
    }

    // Nobody can be declared dead while nobody reaches the table: then all goes on. But if only this silo does not
    // reach it, the others may have declared it dead: they do not answer it, or have told of a version unknown here.
    private async Task GoOnWithoutTable(Exception error, long started)
    {
        if (!_wasAway) _log.LogWarning("{Silo} does not reach the membership table: {Error}", _here, error.Message);
        _wasAway = true;
        var others = _view.ProbedBy(_here, _options.NumProbedSilos).ToArray();
        var known = Volatile.Read(ref _versionHeard) <= _view.Version;
        if (known && (others.Length == 0 || await AnyAnswers(others)))
            Vigil.Trust(started, _time.GetTimestamp() + Ticks(_options.Lease));
        await Task.Delay(RefusedPause, _time);
    }

    private async Task<bool> AnyAnswers(SiloAddress[] others)
    {
        var answers = others.Select(Probe).ToList();
        while (answers.Count > 0)
        {
            var first = await Task.WhenAny(answers);
            if (await first) return true;
            answers.Remove(first);
        }

        return false;
    }

    private async Task JudgeLeases()
    {
        if (!_options.LivenessEnabled || _time.GetTimestamp() < _judgesFrom) return;
        var view = _view;
        foreach (var entry in view.Living)
        {
            if (HasRunOut(entry, view.Find(_here)))
            {
                await DeclareDead(entry.SiloAddress,
                    (data, row) => HasRunOut(row, data.TryGet(_here)?.Item1), "its lease has run out");
            }
        }
    }

    // Both times are the table's: its own row was renewed a moment ago.
    private bool HasRunOut(MembershipEntry entry, MembershipEntry? own) =>
        own is not null && own.IAmAliveTime - entry.IAmAliveTime > _options.Lease;

    private async Task CleanUp()
    {
        if (_options.DefunctSiloCleanupPeriod is not { } period || _time.GetTimestamp() < _cleansFrom) return;
        _cleansFrom = _time.GetTimestamp() + Ticks(period);
        if (_view.Find(_here) is { } own)
            await _table.CleanupDefunctSiloEntries(new(own.IAmAliveTime - _options.DefunctSiloExpiration, default));
    }

    private async Task Watch()
    {
        while (!_ended.IsCancellationRequested)
        {
            foreach (var silo in _view.ProbedBy(_here, _options.NumProbedSilos)) _ = Examine(silo);
            await Task.Delay(_options.ProbeTimeout, _time, _ended.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private void OnLost(SiloAddress silo)
    {
        if (_view.IsLiving(silo)) _ = Examine(silo);
    }

    // Whoever has a vote against it is looked at by all who can see it at once, not at their next turn.
    private void LookAfterSuspects()
    {
        if (_view.Find(_here) is not { } own) return;
        foreach (var entry in _view.Living)
        {
            var votes = (entry.SuspectTimes ?? [])
                .Where(vote => own.IAmAliveTime - vote.Item2 < _options.DeathVoteExpirationTimeout).ToList();
            if (votes.Count > 0 && !entry.SiloAddress.Equals(_here)
                && votes.TrueForAll(vote => !vote.Item1.Equals(_here))) _ = Examine(entry.SiloAddress);
        }
    }

    /// <summary>Whether the silo answers; if it does not, a vote is cast. One examination of a silo at a time.</summary>
    private Task<bool> Examine(SiloAddress silo)
    {
        if (_ended.IsCancellationRequested) return Task.FromResult(false);
        var made = new TaskCompletionSource<bool>();
        var running = _examined.GetOrAdd(silo, made.Task);
        if (running == made.Task) _ = Start(Run);
        return running;

        async Task Run()
        {
            var answers = false;
            try
            {
                answers = await Answers(silo);
                if (!answers && _view.IsLiving(silo)) await Vote(silo);
            }
            catch (Exception error)
            {
                _log.LogDebug(error, "{Silo} could not be voted against.", silo);
            }

            _examined.TryRemove(silo, out _);
            made.TrySetResult(answers);
        }
    }

    private async Task<bool> Answers(SiloAddress silo)
    {
        for (var missed = 0; ;)
        {
            var started = _time.GetTimestamp();
            if (await Probe(silo)) return true;
            if (_ended.IsCancellationRequested || !_view.IsLiving(silo)) return false;

            // Whoever was himself asleep has not listened.
            var waited = _time.GetElapsedTime(started);
            if (waited < _options.ProbeTimeout * 2) missed++;
            if (missed >= _options.NumMissedProbesLimit) return false;
            if (waited < _options.ProbeTimeout / 2) await Task.Delay(RefusedPause, _time, _ended.Token);
        }
    }

    private async Task<bool> Probe(SiloAddress silo)
    {
        try
        {
            return await _transport.Probe(silo, _options.ProbeTimeout);
        }
        catch (Exception)
        {
            return false;
        }
    }

    private Task Vote(SiloAddress silo) => !_options.LivenessEnabled || !Vigil.MayServe
        ? Task.CompletedTask
        : Change(data =>
        {
            if (Ballot.Cast(data, silo, _here, _options) is not { } entry) return null;
            _log.LogWarning("{Here} cannot reach {Silo} and {Verdict}.", _here, silo,
                entry.Status == SiloStatus.Dead ? "declares it dead" : "votes against it");
            return (entry, data.TryGet(silo)!.Item2);
        });

    // Before it takes part a silo sees that it and every other reach each other, or that the other is gone.
    private async Task ReachEverybody(CancellationToken cancellation)
    {
        while (true)
        {
            var others = _view.Living.Where(entry => !entry.SiloAddress.Equals(_here))
                .Select(entry => entry.SiloAddress).ToArray();
            var answers = await Task.WhenAll(others.Select(Examine)).WaitAsync(cancellation);
            if (!others.Where((silo, index) => !answers[index] && _view.IsLiving(silo)).Any()) return;
            await Task.Delay(_options.ProbeTimeout, _time, cancellation);
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);
}
