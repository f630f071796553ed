using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>Finds the datasets that a step reads. Those that its fields name (<c>left: orders</c>) come first; then the <c>out</c> of
/// each other step that it depends on. Where that is more than the kind reads, dependencies whose values the step uses are taken
/// to be there for the values, and where fields name enough, the rest is there for the order. A step that runs for each partition of a dataset
/// reads that, as if a field named it.</summary>
internal sealed class InputsOf(StepDraft draft, KindSpec kind, StepDraft[] all, Dictionary<string, int> steps)
{
    public List<Fault> Faults { get; } = [];

    public ImmutableArray<PlannedInput> Resolve()
    {
        var named = draft.Fields.Inputs.Select(i => Named(i.Text, i.Path)).OfType<PlannedInput>().ToArray();
        if (draft.Spec.ForEach?.From == ItemSource.Partitions)
            named = [.. named, .. draft.ItemInputs.Where(i => named.All(n => n.Step != i.Step || n.Port != i.Port))];
        if (kind.Inputs == InputArity.None || Faults.Count > 0 || !draft.HasAllDependencies) return [];
        var others = draft.DependsOn.Where(d => all[d].HasPort(PlannedInput.Out) && named.All(n => n.Step != d) && !IsForItems(d)).ToArray();
        var (min, max) = Bounds(kind.Inputs);
        if (named.Length + others.Length > max)
            others = [.. others.Where(o => !draft.Fields.ValuesOf.Contains(all[o].Spec.Id.Value))];
        if (named.Length + others.Length > max && named.Length >= min && named.Length <= max && named.Length > 0) others = [];
        var (count, inQueries) = (named.Length + others.Length, PortsInQueries().ToArray());
        if (count + inQueries.Length < min || count > max)
        {
            if (draft.Fields.Faults.Count == 0) WrongCount(count, [.. others.Select(o => all[o].Spec.Id.Value)]);
            return [];
        }
        var inputs = named.Concat(others.Select(o => new PlannedInput(all[o].Spec.Id.Value, o, PlannedInput.Out)));
        return [.. inputs.Concat(inQueries).DistinctBy(i => i.Name)];
    }

    /// <summary>Whether a dependency is there for the list of items alone.</summary>
    private bool IsForItems(int step) => draft.ItemInputs.Any(input => input.Step == step)
        && !draft.Fields.Queries.Any(query => query.Contains(all[step].Spec.Id.Value, StringComparison.OrdinalIgnoreCase));

    /// <summary>The datasets that the list of items is made of.</summary>
    public ImmutableArray<PlannedInput> OfItems(WrittenFields written) =>
    [
        .. written.Inputs.Select(input => Named(input.Text, input.Path)).OfType<PlannedInput>(),
        .. from step in draft.DependsOn
           from port in all[step].Ports
           let name = port == PlannedInput.Out ? all[step].Spec.Id.Value : $"{all[step].Spec.Id}.{port}"
           where written.Queries.Any(query => query.Contains(name, StringComparison.OrdinalIgnoreCase))
           select new PlannedInput(name, step, port),
    ];

    private PlannedInput? Named(string text, string path)
    {
        var dot = text.IndexOf('.');
        var (id, port) = dot < 0 ? (text, PlannedInput.Out) : (text[..dot], text[(dot + 1)..]);
        if (!steps.TryGetValue(id, out var step) || !draft.DependsOn.Contains(step))
        {
            if (!draft.HasAllDependencies) return null;
            var exists = steps.ContainsKey(id) && steps[id] != draft.Index;
            var ids = draft.DependsOn.Select(d => all[d].Spec.Id.Value).ToArray();
            Faults.Add(new Fault(FaultKind.Invalid, PlanCodes.NotAnInput,
                $"`{draft.Spec.Id}` does not depend on {Describe.Quote(id)}.", path,
                exists ? $"Add `{id}` to `depends_on`."
                : Spelling.Nearest(id, ids) is { } nearest ? $"Did you mean `{nearest}`?"
                : ids.Length > 0 ? $"It depends on: {string.Join(", ", ids)}." : "Name it in `depends_on`."));
            return null;
        }
        if (all[step].HasPort(port)) return new PlannedInput(text, step, port);
        var ports = all[step].Ports;
        Faults.Add(new Fault(FaultKind.Invalid, PlanCodes.UnknownPort,
            dot < 0 ? $"`{id}` ({all[step].Kind!.Name}) gives no dataset to read."
            : $"`{id}` ({all[step].Kind!.Name}) gives no dataset `{port}`.", path,
            Spelling.Nearest(port, ports) is { } near ? $"Did you mean `{id}.{near}`?"
            : ports.Length > 0 ? $"It gives: {string.Join(", ", ports)}." : null));
        return null;
    }

    // A query reads other ports by name: from "raw.rejects".
    private IEnumerable<PlannedInput> PortsInQueries() =>
        from step in draft.Fields.Queries.Count == 0 ? [] : draft.DependsOn.AsEnumerable()
        from port in all[step].Ports
        where port != PlannedInput.Out
        let name = $"{all[step].Spec.Id}.{port}"
        where draft.Fields.Queries.Any(q => q.Contains(name, StringComparison.OrdinalIgnoreCase))
        select new PlannedInput(name, step, port);

    private void WrongCount(int count, ImmutableArray<string> found)
    {
        var wanted = kind.Inputs switch
        {
            InputArity.One => "one dataset",
            InputArity.Two => "two datasets",
            _ => "at least one dataset",
        };
        var dependencies = count == 0 && draft.DependsOn.IsEmpty ? "it depends on no step"
            : count == 0 ? "no step that it depends on gives one"
            : found.IsEmpty ? $"{count} are named" : $"it has {count}: {string.Join(", ", found)}";
        Faults.Add(new Fault(FaultKind.Invalid, PlanCodes.WrongInputs,
            $"`{draft.Spec.Id}` ({kind.Name}) reads {wanted}, but {dependencies}.", SpecPath.Field(draft.Path, "depends_on"),
            count == 0 ? "Name the steps that it reads in `depends_on`."
            : kind.Inputs == InputArity.One ? "Bring them together in a step before it." : null));
    }

    private static (int Min, int Max) Bounds(InputArity arity) => arity switch
    {
        InputArity.None => (0, 0),
        InputArity.One => (1, 1),
        InputArity.Two => (2, 2),
        InputArity.OneOrMore => (1, int.MaxValue),
        InputArity.Any => (0, int.MaxValue),
        _ => throw new UnreachableException(),
    };
}
