using OrleansEtl.Clusters;

namespace OrleansEtl.Client.Tests;

/// <summary>The registry of pipelines from C#.</summary>
public sealed class RegistryTests : IAsyncLifetime
{
    private SmallCluster _cluster = null!;
    private ClusterEtl _etl = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await SmallCluster.Start();
        _etl = _cluster.Connect();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    [Fact]
    public async Task What_is_registered_is_started_and_a_run_stays_on_its_version()
    {
        Assert.Equal(new DefinitionAnswer.Done(1, true), await _etl.Register(new(Spec("first"), "", "ann", "begin", Expected: 0), Patience));
        Assert.Equal(new DefinitionAnswer.Done(1, false), await _etl.Register(new(Spec("first"), "", "ann", "begin", Expected: 0), Patience));
        var first = await _etl.PipelineVersion("waits", null, Patience);
        var run = Assert.IsType<Begun.Run>(await _etl.Start(StartRequest.Of(first, []), Patience)).Id;
        Assert.Equal(new DefinitionAnswer.Done(2, true), await _etl.Register(new(Spec("second"), "", Expected: 1), Patience));
        Refused("ETL6102", await _etl.Register(new(Spec("third"), "", Expected: 1), Patience));

        Assert.IsType<Answer.Done>(await _etl.Signal(run, "first", [], null, Patience));
        var last = await _etl.End(run, Patience);
        Assert.Equal((RunStatus.Succeeded, 1, first.Definition), (last.Status, last.RegisteredVersion, last.Definition));

        Assert.Equal(new DefinitionAnswer.Done(1, true), await _etl.RollBack("waits", 1, "ann", null, Patience));
        Assert.Equal([2, 1], (await _etl.PipelineVersions("waits", null, 10, Patience)).Items.Select(version => version.Number));
        Assert.Equal(new DefinitionAnswer.Done(null, true), await _etl.Retire("waits", "bob", "enough", Patience));
        Assert.Equal("ETL6103", (await Assert.ThrowsAsync<FaultException>(() => _etl.PipelineVersion("waits", null, Patience))).Fault.Code);
        Assert.Equal("bob", Assert.Single((await _etl.Pipelines(null, 10, Patience)).Items).By);
        Assert.Equal(PipelineChangeKind.Retired, (await _etl.Pipeline("waits", Patience))!.Changes[0].Kind);
        Refused("ETL4603", await _etl.Register(new(Spec("third"), "../elsewhere"), Patience));
    }

    private static PipelineSpec Spec(string signal) => new("waits", null, [],
    [
        new StepSpec(new StepId("wait"), "flow.signal", [], new SpecValue.Map([new Field("name", new SpecValue.Text(signal))])),
    ]);

    private static void Refused(string code, DefinitionAnswer answer) =>
        Assert.Equal(code, Assert.IsType<DefinitionAnswer.Refused>(answer).Faults[0].Code);
}
