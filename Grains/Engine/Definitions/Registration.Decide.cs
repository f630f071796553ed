using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Definitions;

public sealed partial record Registration
{
    /// <summary>What the command makes happen. Decides, changes nothing.</summary>
    public static DefinitionDecision Decide(Registration pipeline, DefinitionCommand command, DateTimeOffset now) => command switch
    {
        DefinitionCommand.Register register => DecideRegister(pipeline, register, now),
        DefinitionCommand.RollBack back => DecideRollBack(pipeline, back, now),
        DefinitionCommand.Retire retire => DecideRetire(pipeline, retire, now),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static DefinitionDecision DecideRegister(Registration pipeline, DefinitionCommand.Register register, DateTimeOffset now)
    {
        if (register.Spec.Name != pipeline.Name)
            throw new ArgumentException($"A definition of {register.Spec.Name} for {pipeline.Name}.", nameof(register));
        if (TooLong(register.By, register.Comment) is { } tooLong) return new DefinitionDecision.Refused(tooLong);
        var content = register.Spec.Version();
        var active = pipeline.Active is { } number ? pipeline.Find(number) : null;
        // Before the expectation: whoever repeats a call whose answer was lost is told that it holds.
        if (active is not null && active.Definition == content && active.Folder == register.Folder) return DefinitionDecision.Nothing;
        if (register.Expected is { } expected && expected != (pipeline.Active ?? 0))
            return new DefinitionDecision.Refused(DefinitionFaults.Stale(pipeline, expected));
        if (active is not null && DefinitionFaults.ChangedTemplate(active, register.Spec) is { } changed) return new DefinitionDecision.Refused(changed);
        var characters = Characters(register.Spec);
        if (characters > CharactersMax)
            return new DefinitionDecision.Refused(DefinitionFaults.TooLarge("The definition", characters, CharactersMax));
        return new DefinitionDecision.Accepted([new DefinitionEvent.Registered(new PipelineVersion(
            pipeline.Newest + 1, content, register.Spec, register.Folder, now, register.By, register.Comment))]);
    }

    private static DefinitionDecision DecideRollBack(Registration pipeline, DefinitionCommand.RollBack back, DateTimeOffset now)
    {
        if (TooLong(back.By, back.Comment) is { } tooLong) return new DefinitionDecision.Refused(tooLong);
        if (pipeline.Version(back.Number).Fault is { } fault) return new DefinitionDecision.Refused(fault);
        return pipeline.Active == back.Number ? DefinitionDecision.Nothing
            : new DefinitionDecision.Accepted([new DefinitionEvent.RolledBack(now, back.Number, back.By, back.Comment)]);
    }

    private static DefinitionDecision DecideRetire(Registration pipeline, DefinitionCommand.Retire retire, DateTimeOffset now)
    {
        if (TooLong(retire.By, retire.Comment) is { } tooLong) return new DefinitionDecision.Refused(tooLong);
        if (!pipeline.Exists()) return new DefinitionDecision.Refused(DefinitionFaults.Unknown(pipeline.Name));
        return pipeline.Active is null ? DefinitionDecision.Nothing
            : new DefinitionDecision.Accepted([new DefinitionEvent.Retired(now, retire.By, retire.Comment)]);
    }

    private static Fault? TooLong(string? by, string? comment) =>
        by?.Length > ByMax ? DefinitionFaults.TooLarge("The name of who asks", by.Length, ByMax)
        : comment?.Length > CommentMax ? DefinitionFaults.TooLarge("The comment", comment.Length, CommentMax)
        : null;

    private static int Characters(PipelineSpec spec) => spec.ToValue().ToJson().Length;
}

/// <summary>What the registry answers to a command.</summary>
public abstract record DefinitionDecision
{
    private DefinitionDecision() { }

    /// <summary>These events happen; none when it is so already.</summary>
    public sealed record Accepted(ImmutableArray<DefinitionEvent> Events) : DefinitionDecision;

    public sealed record Refused(Fault Fault) : DefinitionDecision;

    public static readonly Accepted Nothing = new([]);
}
