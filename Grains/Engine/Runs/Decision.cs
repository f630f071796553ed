using System.Collections.Immutable;

namespace OrleansEtl.Engine.Runs;

/// <summary>What the engine answers to a command.</summary>
public abstract record Decision
{
    private Decision() { }

    /// <summary>These events happen, in this order; none when the command has nothing left to change.</summary>
    public sealed record Accepted(ImmutableArray<RunEvent> Events) : Decision;

    public sealed record Refused(ImmutableArray<Fault> Faults) : Decision;

    public static readonly Accepted Nothing = new([]);

    public static Refused Refuse(FaultKind kind, string code, string message, string? hint = null) =>
        new([new Fault(kind, code, message, null, hint)]);
}

/// <summary>Events being decided, each applied as it is added, so that what follows from it is decided on the run as it then is.</summary>
internal sealed class Draft(Run run)
{
    private readonly ImmutableArray<RunEvent>.Builder _events = ImmutableArray.CreateBuilder<RunEvent>();

    public Run Run { get; private set; } = run;

    public void Add(RunEvent happened)
    {
        Run = Run.Apply(Run, happened);
        _events.Add(happened);
    }

    public Decision.Accepted Done() => new(_events.DrainToImmutable());
}
