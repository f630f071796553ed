namespace OrleansEtl.Engine.Alerts;

/// <summary>What becomes of a watch by its runs, and by the lack of them.</summary>
public sealed partial record Watch
{
    private Watch Began(News.Begins begins, DateTimeOffset now, AlertBounds bounds)
    {
        if (Open.ContainsKey(begins.Run) || Ended.Contains(begins.Run) || Open.Count >= bounds.OpenMax) return this;
        return this with
        {
            Open = Open.Add(begins.Run, new OpenRun(begins.Run, now, begins.LateAt)),
            LookAt = Open.IsEmpty || LookAt < now ? now + bounds.LookEvery : LookAt,
        };
    }

    private Watch HasEnded(News.Ended ended, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        if (Ended.Contains(ended.Run)) return this;
        var next = Without(ended.Run, now, silence, bounds) with
        {
            Ended = [.. Ended.Skip(Ended.Length - bounds.EndedMax + 1), ended.Run],
        };
        if (ended.Status == RunStatus.Succeeded)
        {
            next = next with { FreshAt = next.FreshAt > ended.At ? next.FreshAt : ended.At, HasSucceeded = true };
            foreach (var on in new[] { AlertOn.Failed, AlertOn.CheckFailed, AlertOn.Stale })
                next = next.Close(on, ended.Run, now, silence, bounds);
        }
        return ended is { Rule: { } rule, Cause: { } cause }
            ? next.Happened(rule, cause, $"{Pipeline}/{EnumWords.Word(rule.On)}/{ended.Run}", now, silence, bounds)
            : next;
    }

    private Watch Without(RunId run, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        if (!Open.TryGetValue(run, out var open)) return this;
        var next = this with { Open = Open.Remove(run) };
        return open.IsLate && !next.Open.Values.Any(other => other.IsLate) ? next.Close(AlertOn.Late, run, now, silence, bounds) : next;
    }

    private Watch IsLate(News.Late late, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        if (!Open.TryGetValue(late.Run, out var run) || run.IsLate || !(run.LateAt <= now)) return this;
        // What was left of its time when it was held begins to count.
        if (run.Left is { } left && left > TimeSpan.Zero) return With(run with { LateAt = now + left, Left = null });
        return With(run with { IsLate = true, Left = null })
            .Happened(late.Rule, late.Cause, $"{Pipeline}/late/{late.Run}", now, silence, bounds);
    }

    private Watch IsHeld(News.Held held, DateTimeOffset now, AlertBounds bounds)
    {
        if (!Open.TryGetValue(held.Run, out var run) || run.IsLate || run.LateAt is not { } lateAt || lateAt > now) return this;
        var left = run.Left ?? (held.Since < lateAt ? lateAt - held.Since : TimeSpan.Zero);
        return With(run with { LateAt = now + bounds.HeldEvery, Left = left });
    }

    private Watch With(OpenRun run) => this with { Open = Open.SetItem(run.Run, run) };

    /// <summary>Time in which nothing is expected to run does not count: after it there is all of it again.</summary>
    private Watch Registered(News.Registered registered, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        var next = this with { ReadAt = null, Stale = registered.Stale };
        if (registered.Stale is not { Within: { } within } rule)
            return next with { FreshAt = HasSucceeded ? FreshAt : null, Incidents = Incidents.Remove(AlertOn.Stale) };
        if (next.FreshAt is null) next = next with { FreshAt = now };
        if (next.StaleAt is not { } staleAt || staleAt > now) return next;
        if (registered.IsHeld) return next with { FreshAt = now };
        var since = next.FreshAt!.Value;
        return next.Happened(
            rule, AlertCause.Stale(since, within, HasSucceeded), $"{Pipeline}/stale/{since.ToUnixTimeMilliseconds()}", now, silence, bounds);
    }
}
