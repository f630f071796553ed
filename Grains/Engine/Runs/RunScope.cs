using System.Globalization;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Runs;

/// <summary>What <c>{{ … }}</c> may read of a run: <c>params.x</c>, <c>steps.x.values.y</c>, <c>run.id</c>, <c>run.pipeline</c>,
/// <c>run.started_at</c>. Null: there is no such thing (yet).</summary>
internal sealed class RunScope(Run run) : IScope
{
    public SpecValue? Param(string name) => run.Params.FirstOrDefault(p => p.Name == name)?.Value;

    public SpecValue? StepValue(string step, string name)
    {
        var plan = run.Plan!;
        if (!plan.Positions.TryGetValue(new StepId(step), out var position)) return null;
        var result = run.Stages[plan.Steps[position].Stage].Results.FirstOrDefault(r => r.Step.Value == step);
        return result is null ? null : name switch
        {
            "rows_in" => Count(result.RowsIn),
            "rows_out" => Count(result.RowsOut),
            "rows_rejected" => Count(result.RowsRejected),
            _ => result.Values.FirstOrDefault(v => v.Name == name)?.Value,
        };
    }

    public SpecValue? RunValue(string name) => name switch
    {
        "id" => new SpecValue.Text(run.Id.Value),
        "pipeline" => new SpecValue.Text(run.Plan!.Spec.Name),
        "started_at" => new SpecValue.Text(run.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static SpecValue Count(long? rows) => rows is { } n ? new SpecValue.Integer(n) : new SpecValue.Null();
}
