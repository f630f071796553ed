using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Engine.Plans;

/// <summary>What is checked step by step, once the graph is known.</summary>
public sealed partial class PlanCheck
{
    private StepDraft[] Draft(Graph graph, bool[] complete)
    {
        _graph = graph;
        var drafts = new StepDraft[_spec.Steps.Length];
        for (var i = 0; i < drafts.Length; i++)
        {
            var names = new Names(_spec, _steps, graph, _kinds, i, hasItem: _spec.Steps[i].ForEach is not null);
            drafts[i] = new StepDraft(
                i, _spec.Steps[i], _kinds.Find(_spec.Steps[i].Kind), graph.DependsOn(i), complete[i], new WrittenFields(names.Find));
        }
        return drafts;
    }

    private void CheckStep(StepDraft draft, StepDraft[] all)
    {
        if (draft.Kind is null) UnknownKind(draft);
        else draft.Fields.Record(draft.Kind.Fields, draft.Spec.With, SpecPath.Field(draft.Path, "with"), $"`{draft.Kind.Name}`");
        CheckPorts(draft);
        CheckWhen(draft);
        CheckTimes(draft);
        CheckReuse(draft);
        CheckLimits(draft.Index, draft.Spec.Takes(), SpecPath.Field(draft.Path, "limits"));
        if (draft is { Kind.Awaits: not null, Spec.Limits: not null })
            Wrong(draft.Index, LimitCodes.CannotHold, $"`{draft.Kind.Name}` waits and does no work: it can hold no limit.",
                SpecPath.Field(draft.Path, "limits"), "Name the limit on the step that works.");
        if (draft.Kind?.Awaits == AwaitKind.Run) CheckChild(draft);
        foreach (var fault in draft.Fields.Faults) _faults.Add((draft.Index, fault));
        if (draft.Kind is { } kind)
        {
            var inputs = new InputsOf(draft, kind, all, _steps);
            CheckForEach(draft, inputs);
            draft.Inputs = inputs.Resolve();
            foreach (var fault in inputs.Faults) _faults.Add((draft.Index, fault));
        }
    }

    /// <summary>A step that runs another pipeline. Longer circles show when they are run: what is registered may change.</summary>
    private void CheckChild(StepDraft draft)
    {
        if (draft.Spec.With[AwaitFields.Pipeline] is SpecValue.Text { Value: var name } && name == _spec.Name)
            Wrong(draft.Index, PlanCodes.RunsItself, $"`{draft.Spec.Id}` runs `{name}`, which is this pipeline.",
                SpecPath.Field(SpecPath.Field(draft.Path, "with"), AwaitFields.Pipeline), "A pipeline that runs itself never ends.");
        if (draft.Spec.Retry is not null)
            Wrong(draft.Index, PlanCodes.NoRetryOfRuns, $"`{draft.Kind!.Name}` has no `retry`: the steps of the other pipeline have theirs.",
                SpecPath.Field(draft.Path, "retry"), "Say there what is to be tried again; `etl rerun` starts another run.");
    }

    private void UnknownKind(StepDraft draft)
    {
        var name = draft.Spec.Kind;
        var nearest = _kinds.Nearest(name);
        var category = name.Split('.')[0];
        var siblings = _kinds.Kinds.Where(k => k.Name.StartsWith(category + ".", StringComparison.Ordinal)).Select(k => k.Name).ToArray();
        Wrong(draft.Index, PlanCodes.UnknownKind, $"There is no kind of step {Describe.Quote(name)}.", SpecPath.Field(draft.Path, "kind"),
            nearest is not null ? $"Did you mean `{nearest}`?"
            : siblings.Length > 0 ? $"There are: {string.Join(", ", siblings)}."
            : $"There are: {string.Join(", ", _kinds.Kinds.Take(30).Select(k => k.Name))}.");
    }

    private void CheckPorts(StepDraft draft)
    {
        if (draft.Kind is not { DeclaresPorts: { } field } kind) return;
        foreach (var port in StepDraft.Declared(kind, draft.Spec))
        {
            var isTaken = kind.Ports.Any(p => p.Name == port);
            if (!isTaken && ParamName().IsMatch(port)) continue;
            Wrong(draft.Index, PlanCodes.WrongName,
                isTaken ? $"`{kind.Name}` gives a dataset `{port}` by itself." : $"{Describe.Quote(port)} cannot name a dataset of a step.",
                SpecPath.Field(SpecPath.Field(SpecPath.Field(draft.Path, "with"), field), port),
                isTaken ? "Choose another name." : "A name starts with a letter and has at most 63 letters, digits and `_`.");
        }
    }

    private void CheckLimits(int step, ImmutableArray<LimitUse> limits, string path)
    {
        if (limits.Length > _bounds.LimitsMax)
            Wrong(step, PlanCodes.BoundMet, $"{limits.Length} limits are named; at most {_bounds.LimitsMax} are allowed.", path);
        foreach (var use in limits.Take(_bounds.LimitsMax))
        {
            var place = SpecPath.Field(path, use.Name);
            if (!LimitCheck.IsName(use.Name))
                Wrong(step, PlanCodes.WrongName, $"{Describe.Quote(use.Name)} cannot name a limit.", path,
                    "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
            else if (use.Weight is < 1 or > LimitBounds.HoldersMax)
                Wrong(step, LimitCodes.WrongUse, $"{use.Weight} of limit {use.Name} are asked for; expected 1 to {LimitBounds.HoldersMax}.", place);
            else if (limits.Count(other => other.Name == use.Name) > 1)
                Wrong(step, LimitCodes.WrongUse, $"Limit {use.Name} is named twice.", place, $"Write how much of it is needed: {{ {use.Name}: 2 }}");
        }
    }

    private void CheckWhen(StepDraft draft)
    {
        const string forms = "Write on_success, on_failure, always, or a condition in braces: \"{{ params.full == true }}\".";
        var path = SpecPath.Field(draft.Path, "when");
        if (draft.Spec.Compensates is not null)
        {
            draft.Condition = new StepCondition.Compensation();
            return;
        }
        switch (draft.Spec.When?.Trim())
        {
            case null or "on_success": return;
            case "on_failure": draft.Condition = new StepCondition.OnFailure(); return;
            case "always": draft.Condition = new StepCondition.Always(); return;
            case var text when Template.IsIn(text):
                var template = Template.Parse(text);
                if (!template.Succeeded) _faults.Add((draft.Index, template.Fault with { Path = path }));
                else if (template.Value.Whole is not { } condition)
                    Wrong(draft.Index, PlanCodes.WrongWhen, "A condition is one {{ }} with nothing around it.", path, forms);
                else
                {
                    if (condition.Paths().Any(name => name.Segments[0] == Scope.Item))
                        Wrong(draft.Index, PlanCodes.WrongWhen, "A condition is asked before there are items; it cannot speak of one.", path,
                            "Leave items out of the list with a query: `for_each: { query: SELECT … WHERE … }`.");
                    var type = draft.Fields.TypeOf(condition, path);
                    draft.Condition = new StepCondition.If(text[2..^2].Trim());
                    if (type is not (null or ValueType.Flag or ValueType.Any))
                        Wrong(draft.Index, PlanCodes.WrongWhen,
                            $"A condition must be true or false; this one gives {Describe.Type(type.Value)}.", path);
                }
                return;
            case var text:
                var nearest = text.Contains("fail", StringComparison.OrdinalIgnoreCase)
                    ? "on_failure"
                    : Spelling.Nearest(text, ["on_success", "on_failure", "always"]);
                Wrong(draft.Index, PlanCodes.WrongWhen, $"`when` cannot be {Describe.Quote(text)}.", path,
                    nearest is null ? forms : $"Did you mean `{nearest}`? {forms}");
                return;
        }
    }

    /// <summary>A step that asks for it must be of a kind that allows it; what the pipeline says is about those alone.</summary>
    private void CheckReuse(StepDraft draft)
    {
        var asked = draft.Spec.Reuse ?? _spec.Reuse;
        if (draft.Spec.Reuse is { } own && own < TimeSpan.Zero)
            Wrong(draft.Index, PlanCodes.WrongQuantity, "`reuse` must not be negative.", SpecPath.Field(draft.Path, "reuse"));
        else if (draft.Spec.Reuse > TimeSpan.Zero && draft.Kind is { IsPure: false } kind)
            Wrong(draft.Index, PlanCodes.NotPure, $"What `{kind.Name}` gave once cannot be used again: it reads or changes more than "
                + "its fields, inputs and files.", SpecPath.Field(draft.Path, "reuse"), "Remove `reuse` from this step.");
        else if (draft.Spec is { ForEach: not null, Reuse: var wished } && wished > TimeSpan.Zero)
            Wrong(draft.Index, PlanCodes.NotPure, "What a step gave for its items cannot be used again by other runs: they list their own.",
                SpecPath.Field(draft.Path, "reuse"), "Remove `reuse` from this step.");
        else if (asked > TimeSpan.Zero && draft is { Kind.IsPure: true, Spec: { ForEach: null, Compensates: null } } && !IsUndone(draft.Spec.Id))
            draft.Reuse = asked;
    }

    /// <summary>Within the reach of timers, which is 49 days.</summary>
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromDays(45);

    private void CheckTimes(StepDraft draft)
    {
        if (draft.Spec.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > TimeoutMax))
        {
            var max = Durations.ToText(TimeoutMax);
            Wrong(draft.Index, PlanCodes.WrongQuantity, $"A timeout must be longer than nothing and at most {max}.",
                SpecPath.Field(draft.Path, "timeout"));
        }
        CheckRetry(draft.Index, draft.Spec.Retry, SpecPath.Field(draft.Path, "retry"));
        if (draft.Spec is { ForEach: not null, Retry.On: not null })
            Wrong(draft.Index, PlanCodes.RulesForItems, "Rules for some faults hold for whole steps, not for each item.",
                SpecPath.Field(SpecPath.Field(draft.Path, "retry"), "on"), "Leave `on` out: items are tried again as the rest of `retry` says.");
    }
}
