using System.Collections.Immutable;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Definitions.Testing;

namespace OrleansEtl.Cli.Testing;

/// <summary>
/// The pipelines that a tested one runs. They are registered in the home of the tests as their files beside it are now, cut as the tested
/// one is: their loads are not run unless the case says so. Each step names the version that was registered for its case, since other
/// cases register others.
/// </summary>
internal sealed class OtherPipelines(IEtl etl, NamedEnvironments environments, KindCatalog kinds)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Folder, string? Environment), Dictionary<string, CheckedPipeline>> _known = [];

    /// <summary>The pipeline with all that it runs registered; or why that is not possible.</summary>
    public Task<(PipelineSpec? Spec, ImmutableArray<Fault> Faults)> Register(
        PipelineSpec spec, string folder, TestCase @case, CancellationToken cancellation) =>
        Register(spec, folder, @case, [spec.Name], cancellation);

    /// <param name="by">Those that run it, and itself.</param>
    private async Task<(PipelineSpec? Spec, ImmutableArray<Fault> Faults)> Register(
        PipelineSpec spec, string folder, TestCase @case, ImmutableArray<string> by, CancellationToken cancellation)
    {
        var steps = ImmutableArray.CreateBuilder<StepSpec>(spec.Steps.Length);
        foreach (var step in spec.Steps)
        {
            if (kinds.Find(step.Kind)?.Awaits != AwaitKind.Run || step.With[AwaitFields.Pipeline] is not SpecValue.Text { Value: var name })
            {
                steps.Add(step);
                continue;
            }
            var (version, faults) = await Register(name, step, folder, @case, by, cancellation);
            if (!faults.IsEmpty) return (null, faults);
            steps.Add(step with
            {
                With = new SpecValue.Map(
                [
                    .. step.With.Fields.Where(field => field.Name != AwaitFields.Version), new(AwaitFields.Version, new SpecValue.Integer(version)),
                ]),
            });
        }
        return (spec with { Steps = steps.DrainToImmutable() }, []);
    }

    private async Task<(int Version, ImmutableArray<Fault> Faults)> Register(
        string name, StepSpec step, string folder, TestCase @case, ImmutableArray<string> by, CancellationToken cancellation)
    {
        if (by.Contains(name))
            return (0, [new Fault(FaultKind.Invalid, "ETL6134", $"`{step.Id}` runs {name}, which is one of those that run it: {string.Join(" > ", by)}.", null,
                "A pipeline that runs itself, through others, never ends: remove one `flow.pipeline`.")]);
        if (!In(folder, @case.Environment).TryGetValue(name, out var file))
            return (0, [new Fault(FaultKind.NotFound, "ETL6133", $"`{step.Id}` runs {name}, and no valid file of that pipeline stands in {folder} or below.",
                null, "Put it there, and see what is wrong with it: etl validate FOLDER")]);
        var uncut = @case with { Given = [], Expected = [] };
        var (cut, faults) = TestedPipeline.Of(file.Spec!, uncut, kinds, step => throw new InvalidOperationException($"{step} is not given"));
        if (cut is null) return (0, faults);
        var inner = Path.GetDirectoryName(Path.GetFullPath(file.File))!;
        (var spec, faults) = await Register(cut, folder, @case, by.Add(name), cancellation);
        if (spec is null) return (0, faults);
        return await etl.Register(new DefinitionCommand.Register(spec, inner), cancellation) switch
        {
            DefinitionAnswer.Done done => (done.Active!.Value, []),
            DefinitionAnswer.Refused refused => (0, refused.Faults),
            var answer => throw new InvalidOperationException(answer.ToString()),
        };
    }

    /// <summary>The valid pipelines of a folder by their names; each folder is read once.</summary>
    private Dictionary<string, CheckedPipeline> In(string folder, string? environment)
    {
        lock (_gate)
            return _known.TryGetValue((folder, environment), out var known) ? known : _known[(folder, environment)] = Read(folder, environment);
    }

    private Dictionary<string, CheckedPipeline> Read(string folder, string? environment) =>
        PipelineFolder.Pipelines([folder], FolderBounds.Default).Files
            .Select(file => environments.Check(file, environment))
            .Where(file => file is { HasErrors: false, Spec: not null })
            .DistinctBy(file => file.Spec!.Name).ToDictionary(file => file.Spec!.Name);
}
