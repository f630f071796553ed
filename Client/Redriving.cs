using System.Runtime.CompilerServices;

namespace OrleansEtl.Client;

/// <summary>Which runs are redriven together; everything that is not null must hold.</summary>
/// <param name="Status">Failed, cancelled or quarantined.</param>
/// <param name="Since">Only runs that were started then or later.</param>
/// <param name="Limit">At most so many; those that were redriven before do not count.</param>
public sealed record RedriveFilter(
    RunStatus Status = RunStatus.Failed, string? Pipeline = null, DateTimeOffset? Since = null, int Limit = 50);

/// <param name="Run">As it was.</param>
/// <param name="Begun">What has come of it.</param>
public sealed record Redriven(RunSummary Run, Begun Begun);

/// <summary>Runs that were given up, tried again together.</summary>
public static class Redriving
{
    public const int LimitMax = 500;

    /// <summary>Runs that one call looks at: a filter that finds few ends all the same.</summary>
    public const int LookedAtMax = 5_000;

    private const int PageSize = 100;

    /// <summary>Redrives one after another, newest first. Doing it twice does no harm: what an earlier call has redriven is passed over and
    /// told as <see cref="Begun.Run.IsExisting"/>.</summary>
    /// <exception cref="FaultException">ETL6404: there is nothing like it to redrive.</exception>
    public static async IAsyncEnumerable<Redriven> RedriveAll(
        this IEtl etl, RedriveFilter filter, string? by, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var left = filter.Limit;
        await foreach (var run in etl.Redrivable(filter, cancellation))
        {
            var begun = await etl.Redrive(run.Id, by, cancellation);
            yield return new Redriven(run, begun);
            if (begun is not Begun.Run { IsExisting: true } && --left == 0) yield break;
        }
    }

    /// <summary>The runs that <see cref="RedriveAll"/> would look at, newest first; some may have been redriven before.</summary>
    /// <exception cref="FaultException">ETL6404: there is nothing like it to redrive.</exception>
    public static async IAsyncEnumerable<RunSummary> Redrivable(
        this IEtl etl, RedriveFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Check(filter);
        var (lookedAt, cursor) = (0, (string?)null);
        do
        {
            var page = await etl.Runs(new RunFilter(filter.Pipeline, false, filter.Status, cursor, PageSize), cancellation);
            foreach (var run in page.Items)
            {
                if (run.StartedAt < filter.Since || lookedAt++ == LookedAtMax) yield break; // ids sort by start
                yield return run;
            }
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private static void Check(RedriveFilter filter)
    {
        if (filter.Limit is < 1 or > LimitMax)
            throw Wrong($"The limit is {filter.Limit}; expected 1 to {LimitMax}.");
        if (filter.Status is not (RunStatus.Failed or RunStatus.Cancelled or RunStatus.Quarantined))
            throw Wrong($"Runs that are {filter.Status.Word()} are not redriven; expected failed, cancelled or quarantined.");
    }

    private static FaultException Wrong(string message) => new(new Fault(FaultKind.Invalid, "ETL6404", message));

    /// <summary>The key under which a run is run again, so that it is run again once.</summary>
    public static string Key(RunId run) => $"redrive/{run}";

    /// <summary>Why a run that is neither quarantined nor failed nor cancelled is refused.</summary>
    public static Fault Refusal(RunId run, RunStatus status) => new(
        FaultKind.Conflict, "ETL6403", $"Run {run} is {status.Word()}: there is nothing to redrive.", null,
        status == RunStatus.Succeeded ? $"Run it again with: etl rerun {run}"
        : status == RunStatus.Paused ? $"Go on with: etl resume {run}" : $"Watch it with: etl runs watch {run}");
}
