using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace OrleansEtl.Definitions;

/// <summary>A spec as a pipeline file. Reading it again gives the same spec.</summary>
internal sealed class SpecWriter
{
    private const int FlowWidthMax = 90;
    private readonly StringBuilder _text = new();

    public static string Write(PipelineSpec spec)
    {
        var writer = new SpecWriter();
        writer.Pipeline(spec);
        return writer._text.ToString();
    }

    private void Pipeline(PipelineSpec spec)
    {
        Entry(0, "pipeline", new SpecValue.Text(spec.Name));
        if (spec.Description is { } description) Entry(0, "description", new SpecValue.Text(description));
        if (!spec.Params.IsEmpty)
        {
            _text.Append("params:\n");
            foreach (var param in spec.Params) Param(param);
        }
        if (spec.Retry is { } retry) Entry(0, "retry", Retry(retry));
        foreach (var limits in LimitUse.ToFields(spec.Limits)) Entry(0, limits.Name, limits.Value);
        if (spec.Reuse is { } reuse) Entry(0, "reuse", Reuse(reuse));
        if (spec.OnConflict is { } rule) Entry(0, "on_conflict", new SpecValue.Text(rule.Word()));
        foreach (var alerts in AlertRule.ToFields(spec.Alerts)) Entry(0, alerts.Name, alerts.Value, block: true);
        _text.Append(spec.Steps.IsEmpty ? "steps: []\n" : "steps:\n");
        foreach (var step in spec.Steps) Step(step);
    }

    private void Param(ParamSpec param)
    {
        if (param.Default is null && param.Description is null && param.Type == ValueType.Any)
        {
            _text.Append("  ").Append(ScalarText.Key(param.Name)).Append(":\n");
            return;
        }
        var isShort = param.Description is null && param.Default is not (null or SpecValue.Null or SpecValue.Map)
            && ParamReader.Infer(param.Default) == param.Type;
        var fields = ImmutableArray.CreateBuilder<Field>();
        fields.Add(new Field("type", new SpecValue.Text(param.Type.ToString().ToLowerInvariant())));
        if (param.Default is not null) fields.Add(new Field("default", param.Default));
        if (param.Description is not null) fields.Add(new Field("description", new SpecValue.Text(param.Description)));
        Entry(2, param.Name, isShort ? param.Default! : new SpecValue.Map(fields.ToImmutable()));
    }

    private void Step(StepSpec step)
    {
        _text.Append("  - id: ").Append(ScalarText.Of(step.Id.Value)).Append('\n');
        Entry(4, "kind", new SpecValue.Text(step.Kind));
        if (!step.DependsOn.IsEmpty)
            Entry(4, "depends_on", new SpecValue.List([.. step.DependsOn.Select(d => (SpecValue)new SpecValue.Text(d.Value))]));
        if (!step.With.Fields.IsEmpty) Entry(4, "with", step.With, block: true);
        if (step.Retry is { } retry) Entry(4, "retry", Retry(retry));
        if (step.Timeout is { } timeout) Entry(4, "timeout", new SpecValue.Text(Durations.ToText(timeout)));
        if (step.When is { } when) Entry(4, "when", new SpecValue.Text(when));
        if (step.ForEach is { } rule) Entry(4, "for_each", rule.ToValue());
        if (step.Compensates is { } compensated) Entry(4, "compensates", new SpecValue.Text(compensated.Value));
        if (step.Materialize) Entry(4, "materialize", new SpecValue.Flag(true));
        foreach (var limits in LimitUse.ToFields(step.Limits)) Entry(4, limits.Name, limits.Value);
        if (step.Reuse is { } reuse) Entry(4, "reuse", Reuse(reuse));
    }

    private static SpecValue.Text Reuse(TimeSpan age) => new(age == TimeSpan.Zero ? "off" : Durations.ToText(age));

    private static SpecValue Retry(RetrySpec retry)
    {
        var usual = RetrySpec.Default;
        if (retry == usual with { Max = retry.Max }) return new SpecValue.Integer(retry.Max);
        return new SpecValue.Map([
            new("max", new SpecValue.Integer(retry.Max)),
            new("initial", new SpecValue.Text(Durations.ToText(retry.Initial))),
            new("factor", new SpecValue.Real(retry.Factor)),
            new("max_delay", new SpecValue.Text(Durations.ToText(retry.MaxDelay))),
            new("jitter", new SpecValue.Real(retry.Jitter)),
            .. retry.On is { } on ? [new("on", new SpecValue.Map([.. on.Rules.Select(Rule)]))] : Array.Empty<Field>(),
        ]);
    }

    private static Field Rule(RetryRule rule) => new(rule.For, new SpecValue.Map(
    [
        .. rule.Max is { } max ? [new("max", new SpecValue.Integer(max))] : Array.Empty<Field>(),
        .. rule.Initial is { } initial ? [new("initial", new SpecValue.Text(Durations.ToText(initial)))] : Array.Empty<Field>(),
        .. rule.Factor is { } factor ? [new("factor", new SpecValue.Real(factor))] : Array.Empty<Field>(),
        .. rule.MaxDelay is { } delay ? [new("max_delay", new SpecValue.Text(Durations.ToText(delay)))] : Array.Empty<Field>(),
        .. rule.Jitter is { } jitter ? [new("jitter", new SpecValue.Real(jitter))] : Array.Empty<Field>(),
    ]));

    private void Entry(int indent, string key, SpecValue value, bool block = false)
    {
        _text.Append(' ', indent).Append(ScalarText.Key(key)).Append(':');
        Behind(indent, value, block);
    }

    // What follows `key:` or `-`, on the same line where it is short, below it otherwise.
    private void Behind(int indent, SpecValue value, bool block)
    {
        if (value is SpecValue.Text text && ScalarText.IsBlock(text.Value))
        {
            Block(indent + 2, text.Value);
            return;
        }
        if (!block && Flow(value) is { Length: <= FlowWidthMax } flow)
        {
            _text.Append(' ').Append(flow).Append('\n');
            return;
        }
        switch (value)
        {
            case SpecValue.Map { Fields.IsEmpty: false } map:
                _text.Append('\n');
                foreach (var field in map.Fields) Entry(indent + 2, field.Name, field.Value);
                return;
            case SpecValue.List { Items.IsEmpty: false } list:
                _text.Append('\n');
                foreach (var item in list.Items)
                {
                    _text.Append(' ', indent + 2).Append('-');
                    Behind(indent + 2, item, block: false);
                }
                return;
            default:
                _text.Append(' ').Append(Flow(value) ?? ScalarText.Quoted(((SpecValue.Text)value).Value)).Append('\n');
                return;
        }
    }

    private void Block(int indent, string text)
    {
        var ends = text.EndsWith('\n');
        _text.Append(ends ? " |\n" : " |-\n");
        foreach (var line in (ends ? text[..^1] : text).Split('\n'))
        {
            if (line.Length > 0) _text.Append(' ', indent).Append(line);
            _text.Append('\n');
        }
    }

    private static string? Flow(SpecValue value)
    {
        switch (value)
        {
            case SpecValue.Text text: return ScalarText.IsBlock(text.Value) ? null : ScalarText.Of(text.Value);
            case SpecValue.List list:
                var items = list.Items.Select(Flow).ToArray();
                return items.Contains(null) ? null : $"[{string.Join(", ", items)}]";
            case SpecValue.Map map:
                var fields = map.Fields.Select(f => Flow(f.Value) is { } v ? $"{ScalarText.Key(f.Name)}: {v}" : null).ToArray();
                if (fields.Contains(null)) return null;
                return fields.Length == 0 ? "{}" : $"{{ {string.Join(", ", fields)} }}";
            default: return value.ToJson();
        }
    }
}
