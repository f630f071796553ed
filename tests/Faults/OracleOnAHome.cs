using System.Collections.Immutable;
using OrleansEtl.Faults.Tests.Oracle;
using OrleansEtl.Faults.Tests.Workload;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests;

/// <summary>The load and the judge, tried on an embedded home where nothing goes wrong.</summary>
public sealed class OracleOnAHome(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-faults-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_judge_has_nothing_to_say_of_runs_that_nobody_disturbs()
    {
        var witness = new Witness();
        await using (var home = EmbeddedEtl.Open(new EmbeddedOptions(_folder) { Threads = 1, MemoryBytes = 256 << 20 }, TimeProvider.System))
        {
            // A home knows no idempotency keys, so everybody starts a run once.
            var load = new Load([home], Works.Plain, witness, seed: 1, TimeSpan.FromSeconds(30), output.WriteLine) { StartsAgain = false };
            await load.RunEach("first", TestContext.Current.CancellationToken);
            await load.RunEach("second", TestContext.Current.CancellationToken);
        }
        await using var store = EmbeddedStore.Open(Path.Combine(_folder, "store.db"), TimeProvider.System);
        var chronicles = await Archive.Chronicles(store, CancellationToken.None);
        var endings = Yardstick.Of(chronicles, Works.Plain, "first");
        Assert.Empty(Judge.Of(new Evidence(
            Yardstick.Asked(witness, endings), witness.Sightings, chronicles, await Archive.Datasets(store, CancellationToken.None), [],
            witness.Calls, [])));
        Assert.Equal(2 * Works.Plain.Length, chronicles.Length);
    }
}
