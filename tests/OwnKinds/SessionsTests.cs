using OrleansEtl.Testing;
using OwnKinds;

namespace OrleansEtl.OwnKinds.Tests;

/// <summary>The sample's kind, as whoever writes one would test it.</summary>
public class SessionsTests
{
    private static readonly DateTime Ten = new(2026, 1, 1, 10, 0, 0);

    private static Task<KindResult> Run(params (string Visitor, int Minute)[] clicks) => KindTest.Of(Sessions.Kind)
        .With(new { visitor = "who", at = "at" })
        .Input("clicks", ["who VARCHAR", "at TIMESTAMP"], [.. clicks.Select(click => new object?[] { click.Visitor, Ten.AddMinutes(click.Minute) })])
        .Run(TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_pause_begins_a_new_session_and_visitors_are_kept_apart()
    {
        var ran = await Run(("ann", 0), ("bob", 1), ("ann", 30), ("ann", 61));
        Assert.Equal(["ann", "ann", "bob"], ran.Rows("out").Select(row => row[0]));
        Assert.Equal([2L, 1L, 1L], ran.Rows("out").Select(row => (long)row[3]!));
        Assert.Equal(Ten.AddMinutes(30), ran.Rows("out")[0][2]);
        Assert.Equal(new SpecValue.Integer(2), ran.Value("longest"));
        Assert.Contains(ran.Log, line => line.Message == "joined clicks to sessions" && line.Fields[1].Value == new SpecValue.Integer(3));
    }

    [Fact]
    public async Task No_click_is_no_session() => Assert.Empty((await Run()).Rows("out"));
}
