using System.Collections.Immutable;
using OrleansEtl.Engine.Definitions;

namespace OrleansEtl.Engine.Tests.Definitions;

/// <summary>What the registry of one pipeline promises, told command by command.</summary>
public sealed class RegistrationLaws
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private Registration _pipeline = Registration.None("orders");
    private int _minutes;

    [Fact]
    public void A_template_that_says_something_else_under_its_version_is_refused()
    {
        Assert.Equal("registered 1", Tell(Made(2, "one")));
        Assert.Equal("ETL6812", Tell(Made(2, "other")));
        Assert.Equal("registered 2", Tell(Made(3, "other")));
        Assert.Equal("registered 3", Tell(Made(2, "one")));

        static DefinitionCommand.Register Made(int version, string content) => new(
            new PipelineSpec("orders", content, [], [], Templates: [new TemplateUse("csv_mart", version, content)]), "/work", null, null, null);
    }

    [Fact]
    public void Numbers_count_from_one_and_the_newest_is_active()
    {
        Assert.Equal("registered 1", Tell(Register("a")));
        Assert.Equal("registered 2", Tell(Register("b", by: "ann", comment: "mend it")));
        Assert.Equal((2, 2), (_pipeline.Active, _pipeline.Newest));
        var version = Value(_pipeline.Version(null));
        Assert.Equal((2, "ann", "mend it", Noon.AddMinutes(2)), (version.Number, version.By, version.Comment, version.RegisteredAt));
        Assert.Equal(version.Spec.Version(), version.Definition);
        Assert.Equal("a", Value(_pipeline.Version(1)).Spec.Description);
    }

    [Fact]
    public void The_same_content_again_changes_nothing_whatever_was_expected()
    {
        Tell(Register("a"));
        Assert.Equal("", Tell(Register("a", by: "bob", comment: "again")));
        Assert.Equal("", Tell(Register("a", expected: 0)));
        Assert.Equal("registered 2", Tell(Register("a", folder: "/elsewhere")));
    }

    [Fact]
    public void A_content_of_an_older_version_gets_a_new_number()
    {
        Told(Register("a"), Register("b"));
        Assert.Equal("registered 3", Tell(Register("a")));
        Assert.Equal(Value(_pipeline.Version(1)).Definition, Value(_pipeline.Version(3)).Definition);
    }

    [Fact]
    public void Of_two_who_saw_the_same_version_only_one_changes_it()
    {
        Assert.Equal("registered 1", Tell(Register("a", expected: 0)));
        Assert.Equal("registered 2", Tell(Register("b", expected: 1)));
        Assert.Equal("ETL6102", Tell(Register("c", expected: 1)));
        Assert.Equal("ETL6102", Tell(Register("c", expected: 0)));
        Tell(new DefinitionCommand.Retire());
        Assert.Equal("ETL6102", Tell(Register("c", expected: 2)));
        Assert.Equal("registered 3", Tell(Register("c", expected: 0)));
    }

    [Fact]
    public void Rolling_back_moves_the_pointer_alone_and_numbers_go_on()
    {
        Told(Register("a"), Register("b"));
        Assert.Equal("rolled back to 1", Tell(new DefinitionCommand.RollBack(1, "ann", "b is wrong")));
        Assert.Equal("", Tell(new DefinitionCommand.RollBack(1)));
        Assert.Equal((1, 2), (_pipeline.Active, _pipeline.Newest));
        Assert.Equal("b", Value(_pipeline.Version(2)).Spec.Description);
        Assert.Equal("registered 3", Tell(Register("b")));
        Assert.Equal(["registered 1", "registered 2", "rolledback 1 by ann: b is wrong", "registered 3"], Changes());
    }

    [Fact]
    public void What_is_not_there_is_not_rolled_back_to()
    {
        Assert.Equal("ETL6100", Tell(new DefinitionCommand.RollBack(1)));
        Tell(Register("a"));
        Assert.Equal("ETL6101", Tell(new DefinitionCommand.RollBack(2)));
        Assert.Equal("ETL6101", Tell(new DefinitionCommand.RollBack(0)));
    }

    [Fact]
    public void A_retired_pipeline_has_no_active_version_until_somebody_brings_one_back()
    {
        Assert.Equal("ETL6100", Tell(new DefinitionCommand.Retire()));
        Told(Register("a"), Register("b"));
        Assert.Equal("retired", Tell(new DefinitionCommand.Retire("ann", "done with it")));
        Assert.Equal("", Tell(new DefinitionCommand.Retire()));
        Assert.Equal("ETL6103", _pipeline.Version(null).Fault!.Code);
        Assert.Null(_pipeline.View().Version);
        Assert.Equal("retired 2 by ann: done with it", Changes()[^1]);
        Assert.Equal("a", Value(_pipeline.Version(1)).Spec.Description);
        Assert.Equal("rolled back to 2", Tell(new DefinitionCommand.RollBack(2)));
        Tell(new DefinitionCommand.Retire());
        Assert.Equal("registered 3", Tell(Register("b")));
    }

    [Fact]
    public void The_oldest_versions_are_dropped_and_their_numbers_never_given_again()
    {
        for (var i = 1; i <= Registration.VersionsMax + 5; i++) Assert.Equal($"registered {i}", Tell(Register($"{i}")));
        Assert.Equal(Registration.VersionsMax, _pipeline.Versions.Length);
        Assert.Equal("ETL6101", _pipeline.Version(5).Fault!.Code);
        Assert.Contains("not kept any more", _pipeline.Version(5).Fault!.Message);
        Assert.Equal(6, Value(_pipeline.Version(6)).Number);
    }

    [Fact]
    public void Large_versions_are_kept_as_far_as_they_fit()
    {
        for (var i = 1; i <= 5; i++) Tell(Register($"{i}{new string('x', 900_000)}"));
        Assert.Equal([3, 4, 5], _pipeline.Versions.Select(version => version.Number));
        Assert.Equal("ETL6104", Tell(Register(new string('x', Registration.CharactersMax))));
        Assert.Equal("ETL6104", Tell(Register("y", comment: new string('x', Registration.CommentMax + 1))));
        Assert.Equal("ETL6104", Tell(Register("y", by: new string('x', Registration.ByMax + 1))));
    }

    [Fact]
    public void Going_back_and_forth_does_not_grow_without_end()
    {
        Told(Register("a"), Register("b"));
        for (var i = 0; i < Registration.ChangesMax; i++) Tell(new DefinitionCommand.RollBack(1 + i % 2));
        Assert.Equal(Registration.ChangesMax, _pipeline.Changes.Length);
        Assert.Equal(2, _pipeline.Versions.Length);
    }

    [Fact]
    public void A_definition_of_another_name_is_the_caller_s_mistake() =>
        Assert.Throws<ArgumentException>(() => Registration.Decide(Registration.None("customers"), Register("a"), Noon));

    private static DefinitionCommand.Register Register(
        string content, string? by = null, string? comment = null, int? expected = null, string folder = "/orders") =>
        new(new PipelineSpec("orders", content, [], []), folder, by, comment, expected);

    private void Told(params DefinitionCommand[] commands)
    {
        foreach (var command in commands) Tell(command);
    }

    /// <summary>What happened, or the code of the refusal.</summary>
    private string Tell(DefinitionCommand command)
    {
        switch (Registration.Decide(_pipeline, command, Noon.AddMinutes(++_minutes)))
        {
            case DefinitionDecision.Refused refused: return refused.Fault.Code;
            case DefinitionDecision.Accepted accepted:
                _pipeline = accepted.Events.Aggregate(_pipeline, Registration.Apply);
                return string.Join(", ", accepted.Events.Select(Words));
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Words(DefinitionEvent happened) => happened switch
    {
        DefinitionEvent.Registered e => $"registered {e.Version.Number}",
        DefinitionEvent.RolledBack e => $"rolled back to {e.Number}",
        DefinitionEvent.Retired => "retired",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private ImmutableArray<string> Changes() => [.. _pipeline.Changes.Select(change =>
        $"{change.Kind.ToString().ToLowerInvariant()} {change.Number}{(change.By is null ? "" : $" by {change.By}: {change.Comment}")}")];

    private static PipelineVersion Value(Outcome<PipelineVersion> outcome)
    {
        Assert.True(outcome.Succeeded, outcome.Fault?.Message);
        return outcome.Value;
    }
}
