using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Steps;

/// <summary>
/// Names the work of a stage by all that its outcome depends on: the code and the engine, the pipeline and the steps (datasets and reports
/// bear their names), their fields with all values filled in, the content of the datasets and files that they read, and which of their
/// rows are kept. What is not in the name must not change the outcome: a wrong name is a wrong dataset, one too many is work done twice.
/// </summary>
internal sealed class ReuseKey(StageWork work, DuckSession session, PathRules paths, CancellationToken cancellation)
{
    /// <summary>Of the form below; grows when something is added to it.</summary>
    private const int Form = 1;

    /// <summary>The assemblies that make up what a step does: each has another id as soon as a line of it changes.</summary>
    private static readonly string Code = string.Join(
        ' ', new[] { typeof(ReuseKey), typeof(DatasetStore), typeof(PlanCheck) }.Select(type => type.Module.ModuleVersionId.ToString("n")));

    /// <summary>Null: the work has no name, since its outcome depends on more, or since it cannot be done as it is.</summary>
    public string? Find()
    {
        var steps = ImmutableArray.CreateBuilder<SpecValue>(work.Steps.Length);
        StepId? before = null;
        foreach (var step in work.Steps)
        {
            if (Of(step, before) is not { } named) return null;
            steps.Add(named);
            before = step.Id;
        }
        var all = new SpecValue.Map(
        [
            new("form", new SpecValue.Integer(Form)),
            new("code", new SpecValue.Text(Code)),
            new("engine", Setting("version()")),
            new("zone", Setting("current_setting('TimeZone')")), // by which moments become days and texts
            new("pipeline", new SpecValue.Text(work.Pipeline)),
            new("steps", new SpecValue.List(steps.MoveToImmutable())),
        ]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToJson())));
    }

    private SpecValue.Text Setting(string sql) => new((string)session.Scalar($"SELECT {sql}", cancellation)!);

    /// <param name="before">The step of the chain that it reads; null: it is the first.</param>
    private SpecValue.Map? Of(StepWork step, StepId? before)
    {
        if (StepCatalog.Find(step.Kind) is not { Spec: { IsPure: true } kind }) return null;
        var with = Engine.Plans.Values.Conform(kind, step.With);
        if (!with.Succeeded) return null;
        ImmutableArray<string> inputs = [.. step.Inputs.Select(input => input.Name), .. before is { } id ? [id.Value] : Array.Empty<string>()];
        if (SqlFields.Varies(session, kind, with.Value, inputs)) return null;
        return new SpecValue.Map(
        [
            new("id", new SpecValue.Text(step.Id.Value)),
            new("kind", new SpecValue.Text(kind.Name)),
            new("with", Ordered(kind.Fields, with.Value)),
            new("kept", new SpecValue.Flag(step.Published)),
            new("inputs", new SpecValue.List([.. step.Inputs.Select(input => Pair(input.Name, input.Dataset.ContentHash))])),
            new("files", new SpecValue.List(
                [.. Patterns(kind, with.Value).SelectMany(pattern => paths.Read(pattern)).Select(file => Pair(file, FileContent.Hash(file, cancellation)))])),
        ]);
    }

    private static SpecValue Pair(string name, string content) => new SpecValue.List([new SpecValue.Text(name), new SpecValue.Text(content)]);

    private static IEnumerable<string> Patterns(KindSpec kind, SpecValue.Map with) =>
        from found in FieldTexts.In(kind.Fields, with, "with")
        where found.Type is FieldType.ReadPath
        select found.Text;

    /// <summary>The order in which fields are written means nothing; that of a map's entries may, as of columns.</summary>
    private static SpecValue.Map Ordered(ImmutableArray<FieldSpec> specs, SpecValue.Map record) => new(
        [.. record.Fields.OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => field with { Value = Ordered(specs.First(spec => spec.Name == field.Name).Type, field.Value) })]);

    private static SpecValue Ordered(FieldType type, SpecValue value) => (type, value) switch
    {
        (FieldType.Record record, SpecValue.Map map) => Ordered(record.Fields, map),
        (FieldType.List list, SpecValue.List items) => new SpecValue.List([.. items.Items.Select(item => Ordered(list.Of, item))]),
        (FieldType.Map of, SpecValue.Map map) => new SpecValue.Map(
            [.. map.Fields.Select(field => field with { Value = Ordered(of.Of, field.Value) })]),
        _ => value,
    };
}
