using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl jobs submit|list|queues</c></summary>
internal static class Jobs
{
    public static readonly Option<string> Queue = new("--queue")
    {
        Description = "The queue; the first job makes it", HelpName = "NAME", DefaultValueFactory = _ => JobQueue.Default,
    };

    public static Command Make(Surroundings surroundings) => new("jobs", "Submit single steps of work, without a pipeline, to queues")
    {
        JobSubmit.Make(surroundings),
        List(surroundings),
        Queues(surroundings),
    };

    private static Command List(Surroundings surroundings)
    {
        var command = new Command("list", "List the jobs of a queue, newest first; those that failed for good are its dead letters");
        command.With(
            Queue, Runs.Status, Runs.Unfinished, CommonOptions.Limit, CommonOptions.Cursor, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            return (int)await Runs.Print(new RunFilter(
                JobQueue.PipelineOf(parsed.GetValue(Queue)!), parsed.GetValue(Runs.Unfinished), parsed.GetValue(Runs.Status),
                parsed.GetValue(CommonOptions.Cursor), parsed.GetValue(CommonOptions.Limit)), etl, parsed, surroundings, cancellation);
        });
        return command;
    }

    private static Command Queues(Surroundings surroundings) =>
        new Command("queues", "List the queues: their limits, which `etl limits` sets, pauses and shows").Shows(
            surroundings, (_, etl, cancellation) => Find(etl, cancellation),
            (json, queues) => JsonText.List(json, "queues", new Listing<LimitSummary>(queues, null), LimitsText.Json),
            (terminal, queues) => LimitsText.Table(queues).Print(terminal));

    private static async Task<ImmutableArray<LimitSummary>> Find(IEtl etl, CancellationToken cancellation)
    {
        var queues = ImmutableArray.CreateBuilder<LimitSummary>();
        for (string? cursor = null; ;)
        {
            var page = await etl.Limits(cursor, LimitsAtOnce, cancellation);
            queues.AddRange(page.Items.Where(limit => JobQueue.Of(limit.Name) is not null));
            if (page.Next is null) return queues.DrainToImmutable();
            cursor = page.Next;
        }
    }

    private const int LimitsAtOnce = 500;
}
