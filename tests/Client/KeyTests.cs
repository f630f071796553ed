using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;

namespace OrleansEtl.Client.Tests;

/// <summary>Idempotency keys of a home mean what those of a cluster mean.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;
    private IEtl _etl = null!;

    public ValueTask InitializeAsync()
    {
        _etl = EmbeddedEtl.Open(new EmbeddedOptions(_home) { MemoryBytes = 256 << 20, Threads = 1 }, TimeProvider.System);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _etl.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private static PipelineSpec Spec(int rows) => Pipeline.Named("keyed")
        .From("raw", Generate.Rows(rows, new { id = new { generator = "sequence" } })).To("kept", Parquet.Dataset("kept"))
        .Build(StepCatalog.Specs);

    [Fact]
    public async Task The_same_key_is_one_run_while_it_goes_on_and_after_it_has_ended()
    {
        var first = Assert.IsType<Begun.Run>(await Start(10, "daily")).Id;
        await foreach (var _ in _etl.Watch(first, CancellationToken.None)) { }
        Assert.Equal(first, Assert.IsType<Begun.Run>(await Start(10, "daily")).Id);
        Assert.NotEqual(first, Assert.IsType<Begun.Run>(await Start(10, "weekly")).Id);
        Assert.Equal("ETL4602", Assert.Single(Assert.IsType<Begun.Refused>(await Start(11, "daily")).Faults).Code);
        Assert.Equal("ETL4604", Assert.Single(Assert.IsType<Begun.Refused>(await Start(11, "")).Faults).Code);
    }

    [Fact]
    public async Task A_key_stands_for_its_run_no_longer_than_it_lives()
    {
        var past = new PastTime();
        await using (var then = EmbeddedEtl.Open(new EmbeddedOptions(_home) { MemoryBytes = 256 << 20, Threads = 1 }, past))
        {
            var old = Assert.IsType<Begun.Run>(await then.Start(Request(10, "daily"), CancellationToken.None)).Id;
            Assert.Equal(old, Assert.IsType<Begun.Run>(await then.Start(Request(10, "daily"), CancellationToken.None)).Id);
            Assert.NotEqual(old, Assert.IsType<Begun.Run>(await Start(10, "daily")).Id);
        }
    }

    private sealed class PastTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - StartClaim.Life - TimeSpan.FromMinutes(1);
    }

    private Task<Begun> Start(int rows, string key) =>
        _etl.Start(Request(rows, key), CancellationToken.None);

    private StartRequest Request(int rows, string key) => new(Spec(rows), [], _home, IdempotencyKey: key);
}
