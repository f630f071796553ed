using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>Shows a run while it goes on, on stderr.</summary>
internal interface IProgressScreen
{
    /// <summary>How long it may go without being shown the run again.</summary>
    TimeSpan Pace { get; }

    /// <summary>Called at each change and at least once a pace.</summary>
    void Show(RunView run, DateTimeOffset now);

    /// <summary>Leaves the terminal as it was found.</summary>
    void Close();
}

internal enum ProgressMode { Auto, Tty, Plain, Json, Quiet }

internal static class ProgressScreens
{
    public static ProgressMode Resolve(ProgressMode mode, Terminal terminal) =>
        mode is not ProgressMode.Auto ? mode : terminal.TalkIsTerminal ? ProgressMode.Tty : ProgressMode.Plain;

    public static IProgressScreen Of(ProgressMode mode, Terminal terminal) => Resolve(mode, terminal) switch
    {
        ProgressMode.Tty => new LiveScreen(terminal),
        ProgressMode.Plain => new PlainScreen(terminal.Talk),
        ProgressMode.Json => new JsonScreen(terminal.Talk),
        ProgressMode.Quiet => new QuietScreen(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Shows every view until the last, and gives that.</summary>
    public static async Task<RunView> Follow(
        this IProgressScreen screen, IAsyncEnumerable<RunView> views, TimeProvider clock, CancellationToken cancellation)
    {
        await using var all = views.GetAsyncEnumerator(cancellation);
        RunView? latest = null;
        var next = all.MoveNextAsync().AsTask();
        while (true)
        {
            if (latest is not null && !next.IsCompleted)
            {
                using var pace = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                await Task.WhenAny(next, Task.Delay(screen.Pace, clock, pace.Token));
                await pace.CancelAsync();
            }
            if (latest is null || next.IsCompleted)
            {
                if (!await next) return latest ?? throw new InvalidOperationException("A run that is watched has a view.");
                latest = all.Current;
                next = all.MoveNextAsync().AsTask();
            }
            screen.Show(latest, clock.GetUtcNow());
        }
    }

    private sealed class QuietScreen : IProgressScreen
    {
        public TimeSpan Pace => TimeSpan.FromMinutes(1);
        public void Show(RunView run, DateTimeOffset now) { }
        public void Close() { }
    }
}
