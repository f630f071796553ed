using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;

namespace OrleansEtl.Client.Tests;

/// <summary>What only the driver of a run knows is seen by others who look at the home.</summary>
public sealed class LiveRunsTests : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;
    private IEtl _driver = null!;
    private IEtl _other = null!;

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    public ValueTask InitializeAsync()
    {
        var options = new EmbeddedOptions(_home) { MemoryBytes = 256 << 20, Threads = 1, AllowedPrograms = ["sh"] };
        (_driver, _other) = (EmbeddedEtl.Open(options, TimeProvider.System), EmbeddedEtl.Open(options, TimeProvider.System));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _driver.DisposeAsync();
        await _other.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Another_process_sees_what_waits_for_a_slot_and_how_far_the_others_are()
    {
        var go = Path.Combine(_home, "go");
        var script = $"echo ETL_PROGRESS rows=5 total=10; while [ ! -e {go} ]; do sleep 0.01; done";
        var spec = Pipeline.Named("three");
        foreach (var id in (string[])["a", "b", "c"]) spec = spec.Step(id, "process", new { program = "sh", args = new[] { "-c", script } });
        var begun = await _driver.Start(new StartRequest(spec.Build(StepCatalog.Specs), [], _home), Patience);
        var run = Assert.IsType<Begun.Run>(begun).Id;

        await foreach (var view in _other.Watch(run, Patience))
        {
            var waits = view.Steps.Where(step => step.Wait is { For: WaitFor.Slot }).ToArray();
            if (waits.Length != 1 || view.Steps.Count(step => step.Progress is { Rows: 5, Fraction: 0.5 }) != 2) continue;
            Assert.Equal((StepStatus.Waiting, 1), (waits[0].Status, waits[0].Attempts));
            break;
        }
        File.WriteAllText(go, "");
        var last = await _other.End(run, Patience);
        Assert.Equal(RunStatus.Succeeded, last.Status);
        Assert.All(last.Steps, step => Assert.Null(step.Progress));
    }
}
