using System.Diagnostics;
using OrleansEtl.Client;
using OrleansEtl.Data.Duck;
using OrleansEtl.Definitions;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;

namespace OrleansEtl.Bench;

/// <summary>A home that is open, with its silo, in this process.</summary>
internal sealed class WarmEtl : IAsyncDisposable
{
    private static readonly string Home = Path.Combine(Etl.Folder, "warm-home");
    private readonly IEtl _etl = EmbeddedEtl.Open(new EmbeddedOptions(Home) { Cache = Etl.Cache }, TimeProvider.System);

    /// <summary>From the wish to start the pipeline to its durable end.</summary>
    public Task<double> Seconds(string yaml) => Seconds(_etl, yaml, Etl.Folder);

    /// <param name="folder">Where relative paths start.</param>
    public static async Task<double> Seconds(IEtl etl, string yaml, string folder)
    {
        var file = Path.Combine(Etl.Folder, "warm.yaml");
        await File.WriteAllTextAsync(file, yaml);
        var spec = PipelineFile.Check(file, StepCatalog.Specs).Spec!;
        var watch = Stopwatch.StartNew();
        var begun = await etl.Start(new StartRequest(spec, [], folder), CancellationToken.None);
        var last = default(RunView);
        await foreach (var view in etl.Watch(((Begun.Run)begun).Id, CancellationToken.None)) last = view;
        var seconds = watch.Elapsed.TotalSeconds;
        return last?.Status == RunStatus.Succeeded ? seconds : throw new InvalidOperationException($"the run failed: {last?.Fault}");
    }

    public async ValueTask DisposeAsync()
    {
        await _etl.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}

/// <summary>The peer: the same library, open in this process.</summary>
internal sealed class WarmDuck : IDisposable
{
    private readonly DuckEngine _engine = new(new DuckOptions(Path.Combine(Etl.Folder, "spill"), [Etl.Folder, Etl.Cache]));

    public double Seconds(string sql)
    {
        using var session = _engine.Rent().AsTask().GetAwaiter().GetResult();
        var watch = Stopwatch.StartNew();
        session.Execute(sql);
        return watch.Elapsed.TotalSeconds;
    }

    public void Dispose() => _engine.Dispose();
}
