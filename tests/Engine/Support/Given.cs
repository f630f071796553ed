using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary><c>Given.Run(plan, events).When(command).Then(events)</c>. A run is always given by the events that made it, so that no
/// test starts from a state which cannot be.</summary>
internal sealed class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly RunId Id = new("run_01kdwa8r000000000000000000");

    public static RunCommand.Start Start(Plan plan, TimeSpan? timeout = null, RerunOf? rerun = null) =>
        new(plan.Spec, [], "/folder", timeout, rerun);

    /// <summary>A run that has just started, and then the events.</summary>
    public static Given Run(Plan plan, params RunEvent[] events) => Started(plan, null, events);

    public static Given Started(Plan plan, TimeSpan? timeout, params RunEvent[] events)
    {
        var begun = (Decision.Accepted)Runs.Run.Begin(Runs.Run.None, Id, plan, Start(plan, timeout), Noon);
        return new Given([.. begun.Events, .. events]);
    }

    public static Given Nothing() => new([]);

    private Given(ImmutableArray<RunEvent> events)
    {
        Events = events;
        After = events.Aggregate(Runs.Run.None, Runs.Run.Apply);
    }

    public ImmutableArray<RunEvent> Events { get; }
    public Run After { get; }

    public Asked When(RunCommand command, double afterSeconds = 0) =>
        new(After, Runs.Run.Decide(After, command, Noon.AddSeconds(afterSeconds)));

    public Asked WhenBegun(Plan plan, RunCommand.Start start) => new(After, Runs.Run.Begin(After, Id, plan, start, Noon));

    /// <summary>The run once the commands have been decided one after another; none of them may be refused.</summary>
    public Given Then(params RunCommand[] commands) => At(Noon, commands);

    public Given At(DateTimeOffset now, params RunCommand[] commands)
    {
        var given = this;
        foreach (var command in commands)
        {
            var accepted = Assert.IsType<Decision.Accepted>(Runs.Run.Decide(given.After, command, now));
            given = new Given([.. given.Events, .. accepted.Events]);
        }
        return given;
    }
}

/// <summary>What was decided, waiting to be compared.</summary>
internal sealed class Asked(Run before, Decision decision)
{
    public Decision Decision => decision;

    public ImmutableArray<RunEvent> Events => Assert.IsType<Decision.Accepted>(decision).Events;
    public Run After => Events.Aggregate(before, Run.Apply);

    /// <summary>Exactly these events, all that they say compared.</summary>
    public Asked Then(params RunEvent[] expected)
    {
        var refused = decision is Decision.Refused r ? "refused " + r.Faults[0] : null;
        Assert.Equal(expected.Select(Saying.Of), refused is null ? Events.Select(Saying.Of) : [refused]);
        return this;
    }

    public void ThenNothing() => Then();

    public void ThenRefused(FaultKind kind, string code)
    {
        var refused = Assert.IsType<Decision.Refused>(decision);
        var fault = Assert.Single(refused.Faults);
        Assert.Equal((kind, code), (fault.Kind, fault.Code));
    }

    /// <summary>What these events newly owe.</summary>
    public Asked Owing(params Debt[] debts)
    {
        Assert.Equal(debts.Select(Saying.Of), Run.Owed(After, Events).Select(Saying.Of));
        return this;
    }
}
