using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Laws;

/// <summary>What a start does about other runs.</summary>
public sealed class StartDecisionLaws
{
    private static readonly RunId One = new("run_01kd000000000000000000000a"), Two = new("run_01kd000000000000000000000b");

    private static StartDecision Of(
        OnConflict onConflict, OnEnded onEnded = OnEnded.Allow, ImmutableArray<RunId>? unfinished = null, RunStatus? ended = null) =>
        StartDecision.Of(new StartRules("monday", onConflict, onEnded), unfinished ?? [], ended is null ? null : One, ended);

    [Fact]
    public void Whoever_is_alone_starts() =>
        Assert.All(Enum.GetValues<OnConflict>(), rule => Assert.IsType<StartDecision.Go>(Of(rule, OnEnded.Reject)));

    [Fact]
    public void A_run_that_goes_on_is_minded_as_the_rule_says()
    {
        Assert.IsType<StartDecision.Go>(Of(OnConflict.Allow, unfinished: [Two, One]));
        Assert.Equal(Two, Assert.IsType<StartDecision.Use>(Of(OnConflict.UseExisting, unfinished: [Two, One])).Run);
        Assert.Equal([Two, One], Assert.IsType<StartDecision.Cancel>(Of(OnConflict.CancelOther, unfinished: [Two, One])).Runs);
        var refused = Assert.IsType<StartDecision.Refuse>(Of(OnConflict.Reject, unfinished: [Two, One])).Fault;
        Assert.Equal((FaultKind.Conflict, "ETL6511"), (refused.Kind, refused.Code));
        Assert.Contains(Two.Value, refused.Message);
        Assert.Contains("monday", refused.Message);
    }

    [Theory]
    [InlineData(OnEnded.Allow, RunStatus.Succeeded, true), InlineData(OnEnded.Allow, RunStatus.Failed, true)]
    [InlineData(OnEnded.OnlyIfFailed, RunStatus.Succeeded, false), InlineData(OnEnded.OnlyIfFailed, RunStatus.Failed, true)]
    [InlineData(OnEnded.OnlyIfFailed, RunStatus.Cancelled, true)]
    [InlineData(OnEnded.Reject, RunStatus.Succeeded, false), InlineData(OnEnded.Reject, RunStatus.Failed, false)]
    [InlineData(OnEnded.Reject, RunStatus.Cancelled, false)]
    public void The_last_run_of_the_key_is_minded_as_the_rule_says(OnEnded rule, RunStatus last, bool starts)
    {
        var decision = Of(OnConflict.Allow, rule, ended: last);
        if (starts) Assert.IsType<StartDecision.Go>(decision);
        else Assert.Equal("ETL6512", Assert.IsType<StartDecision.Refuse>(decision).Fault.Code);
    }

    [Fact]
    public void What_goes_on_is_minded_before_what_has_ended() =>
        Assert.IsType<StartDecision.Use>(Of(OnConflict.UseExisting, OnEnded.Reject, [Two], RunStatus.Succeeded));

    [Fact]
    public void Rules_that_mean_nothing_are_refused()
    {
        Assert.Null(StartDecision.Wrong(new StartRules(null, OnConflict.Reject)));
        Assert.Null(StartDecision.Wrong(new StartRules("k", OnConflict.Reject, OnEnded.Reject)));
        Assert.Equal("ETL6515", StartDecision.Wrong(new StartRules(null, OnConflict.Allow, OnEnded.Reject))!.Code);
        Assert.Equal("ETL6514", StartDecision.Wrong(new StartRules(""))!.Code);
        Assert.Equal("ETL6514", StartDecision.Wrong(new StartRules(new string('k', 201)))!.Code);
    }

    [Fact]
    public void The_words_of_the_rules_are_as_many_as_the_rules()
    {
        Assert.Equal(Enum.GetValues<OnConflict>(), StartWords.OnConflicts.Select(word => StartWords.OnConflict(word)!.Value));
        Assert.Equal(Enum.GetValues<OnEnded>(), StartWords.OnEndeds.Select(word => StartWords.OnEnded(word)!.Value));
        Assert.Null(StartWords.OnConflict("perhaps"));
        Assert.Null(StartWords.OnEnded(null));
    }
}
