namespace OrleansEtl.Client.Tests;

internal static class LastViews
{
    /// <summary>The run as it is when it has ended.</summary>
    public static async Task<RunView> End(this IEtl etl, RunId run, CancellationToken cancellation)
    {
        var last = default(RunView);
        await foreach (var view in etl.Watch(run, cancellation)) last = view;
        return last!;
    }
}
