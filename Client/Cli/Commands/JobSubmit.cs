using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl jobs submit KIND</c></summary>
internal static class JobSubmit
{
    private static readonly Argument<string> Kind = new("KIND")
    {
        Description = "What it does: process, or another kind of step that reads no datasets (etl kinds)",
    };
    private static readonly Option<string> With = new("--with")
    {
        Description = "The fields of the kind, such as '{\"program\": \"./send\", \"args\": [\"42\"]}'", HelpName = "JSON", DefaultValueFactory = _ => "{}",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && JsonObjects.Read(text) is null)
                    result.AddError($"--with is a JSON object such as '{{\"program\": \"./send\"}}'; found '{Excerpt.Of(text, 60)}'");
            },
        },
    };
    private static readonly Option<string?> Delay = CommonOptions.Duration("--delay", "Begin no sooner than after this time, for example 10m");
    private static readonly Option<string?> At = new("--at")
    {
        Description = "Begin no sooner, instead of --delay: a moment such as 2026-01-31T09:00:00Z", HelpName = "MOMENT",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && !Moments.TryInstant(text, null, out _))
                    result.AddError($"--at is a moment such as 2026-01-31T09:00:00Z; found '{Excerpt.Of(text, 60)}'");
                if (result.GetResult(Delay) is { Implicit: false }) result.AddError("--at and --delay are both given: leave one of them away");
            },
        },
    };
    private static readonly Option<int?> Retries = new Option<int?>("--retries")
    {
        Description = "Tries after the first, 0 to 100, when a fault may pass [default: 3]", HelpName = "N",
    }.Between(0, RetrySpec.RetriesMax);
    private static readonly Option<string?> Timeout = CommonOptions.Duration("--timeout", "Of one attempt, for example 30s, 5m, 2h");
    private static readonly Option<string?> Key = new("--key")
    {
        Description = "However often a job is submitted to its queue with this key, it is one job", HelpName = "TEXT",
    };
    private static readonly Option<int> Priority = new Option<int>("--priority")
    {
        Description = "From -100 to 100: who goes first in the queue", HelpName = "N",
    }.Between(-RunCommand.Start.PriorityMax, RunCommand.Start.PriorityMax);
    private static readonly Option<bool> Wait = new("--wait") { Description = "Show it until it ends; in a home this process does it" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("submit", "Submit a job, durably, and print its id: what silos do, or `etl dev` in a home") { Kind };
        command.With(
            Jobs.Queue, With, Priority, Delay, At, Retries, Timeout, Key, Wait, Drive.CancelWithMe, CommonOptions.Home, CommonOptions.Allow,
            CommonOptions.AllowProgram, CommonOptions.Progress, CommonOptions.Output);
        command.SetAction(async (parsed, _) => (int)await Submit(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Submit(ParseResult parsed, Surroundings surroundings)
    {
        using var interrupts = new Interrupts(surroundings.Terminal);
        await using var etl = await parsed.Open(surroundings, interrupts.Token);
        var waits = parsed.GetValue(Wait);
        var begun = await etl.Submit(Request(parsed), isDetached: !waits, interrupts.Token);
        return waits
            ? (await Drive.ToTheEnd(begun, null, parsed, surroundings, etl, interrupts)).OfArguments()
            : (await Drive.Leave(begun, null, parsed, surroundings, etl, interrupts.Token)).OfArguments();
    }

    private static JobRequest Request(ParseResult parsed)
    {
        var at = Moments.TryInstant(parsed.GetValue(At) ?? "", null, out var moment) ? moment : (DateTimeOffset?)null;
        return new JobRequest(
            parsed.GetValue(Kind)!, new SpecValue.Map(JsonObjects.Read(parsed.GetValue(With)!)!.Value), parsed.GetValue(Jobs.Queue)!,
            parsed.GetValue(Priority), parsed.Duration(Delay), at,
            parsed.GetValue(Retries) is { } retries ? RetrySpec.Default with { Max = retries } : null,
            parsed.Duration(Timeout), parsed.GetValue(Key), parsed.IsCluster() ? "" : Directory.GetCurrentDirectory());
    }
}
