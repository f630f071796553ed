using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class StageTableLaws
{
    private static StageState State(int number) => Given.Run(PlanOf.Chain(1)).After.Stages[0] with { Lost = number };

    [Theory, InlineData(0), InlineData(1), InlineData(32), InlineData(33), InlineData(1_024), InlineData(1_025), InlineData(33_000)]
    public void A_table_holds_what_it_was_made_of(int count)
    {
        var table = StageTable.Of(Enumerable.Range(0, count).Select(State));
        Assert.Equal(count, table.Count);
        Assert.Equal(Enumerable.Range(0, count), table.All().Select(state => state.Lost));
        Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, count).Select(stage => table[stage].Lost));
    }

    [Theory, InlineData(0), InlineData(63), InlineData(64), InlineData(129)]
    public void Replacing_one_leaves_the_others_and_the_table_from_before(int stage)
    {
        var before = StageTable.Of(Enumerable.Range(0, 130).Select(State));
        var after = before.With(stage, State(-1));
        Assert.Equal(Enumerable.Range(0, 130), before.All().Select(state => state.Lost));
        Assert.Equal(Enumerable.Range(0, 130).Select(i => i == stage ? -1 : i), after.All().Select(state => state.Lost));
    }

    [Fact]
    public void Several_are_replaced_together_wherever_they_stand_and_however_often_they_are_named()
    {
        var before = StageTable.Of(Enumerable.Range(0, 5_000).Select(State));
        var after = before.With([4_999, 0, 1, 31, 32, 0, 1_024], state => state with { Lost = state.Lost - 10_000 });
        Assert.Equal(Enumerable.Range(0, 5_000), before.All().Select(state => state.Lost));
        Assert.Equal(
            Enumerable.Range(0, 5_000).Select(i => i switch { 0 => -20_000, 1 or 31 or 32 or 1_024 or 4_999 => i - 10_000, _ => i }),
            after.All().Select(state => state.Lost));
    }
}
