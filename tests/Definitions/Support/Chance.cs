using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Tests;

/// <summary>Seeded makers of specs; the seed stands in the name of a failing case.</summary>
internal sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);

    private static readonly string[] Texts =
    [
        "", "a", "no", "true", "null", "~", "08", "1e3", "2026-01-31", "a: b", "a #b", "- x", "{x}", "[y]", "&a", "*b", "!c", "%d",
        "@e", "`f",
        "'", "\"", "\\", "a\nb", "a\n\nb\n", " lead", "trail ", "\ttab", "x\ty", "line\r\nend", "ü→✓", "\u00a0", "\u2028", "{{ params.x }}",
        "select a,\n       b\nfrom t\nwhere x = '1'\n", "a\n ", "\n", "---", "...", "=", "<<", "? x", ">", "|", "key:", ":x", "1:30",
        "0x1F",
    ];

    public int Below(int max) => _random.Next(max);
    public bool Coin() => _random.Next(2) == 0;
    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];
    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    public SpecValue Value(int depth) => _random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => new SpecValue.Null(),
        1 => new SpecValue.Flag(Coin()),
        2 => new SpecValue.Integer(Coin() ? _random.NextInt64(long.MinValue, long.MaxValue) : Below(10)),
        3 => new SpecValue.Real(Of([0.0, 1.0, -0.5, 1e20, 1e-7, Math.PI, double.MaxValue, 5e-324])),
        4 or 5 => new SpecValue.Text(Of(Texts)),
        6 => new SpecValue.List([.. Enumerable.Range(0, Below(4)).Select(_ => Value(depth - 1))]),
        _ => Map(depth),
    };

    public SpecValue.Map Map(int depth) => new([.. Enumerable.Range(0, Below(4)).Select(i => new Field(
        Coin() ? $"k{i}" : Of(Texts) + i, Value(depth - 1)))]);

    public PipelineSpec Spec() => new(
        "p." + Below(100),
        Coin() ? null : Of(Texts.Where(t => t.Length > 0).ToArray()),
        [.. Enumerable.Range(0, Below(5)).Select(Param)],
        [.. Enumerable.Range(0, Below(6)).Select(Step)],
        Retry: Of([null, null, Ruled]), Limits: Limits(), Reuse: Reuse(), Alerts: Alerts());

    private TimeSpan? Reuse() => Of<TimeSpan?>([null, TimeSpan.Zero, TimeSpan.FromDays(7), TimeSpan.FromMilliseconds(1500)]);

    private static readonly RetrySpec Ruled = RetrySpec.Default
        .For("unavailable", max: 10, maxDelay: TimeSpan.FromMinutes(5)).For("ETL4301", max: 0).For("invalid", max: 2)
        .For("not_found", initial: TimeSpan.FromTicks(12_345_678), factor: 1.5, jitter: 0.25).For("exhausted");

    private ImmutableArray<AlertRule>? Alerts() => Of<ImmutableArray<AlertRule>?>(
        [null, [new AlertRule(AlertOn.Failed, ["ops", "null"], Resolved: true, Repeat: TimeSpan.FromMinutes(90))],
        [
            new AlertRule(AlertOn.Late, ["a.b"], After: TimeSpan.FromSeconds(5_400.25), From: LateFrom.Due, WhileWaiting: true),
            new AlertRule(AlertOn.Stale, ["ops"], Within: TimeSpan.FromHours(26)), new AlertRule(AlertOn.CheckFailed, ["team"]),
        ]]);

    private ImmutableArray<LimitUse>? Limits() => Of<ImmutableArray<LimitUse>?>(
        [null, [new LimitUse("db")], [new LimitUse("null"), new LimitUse("a.b")], [new LimitUse("db", 2), new LimitUse("api")]]);

    private ParamSpec Param(int i)
    {
        var value = Coin() ? null : Value(2);
        return new ParamSpec($"p{i}", Of(Enum.GetValues<ValueType>()), value, Coin() ? null : "What it is: this");
    }

    private StepSpec Step(int i) => new(
        new StepId($"s{i}"),
        Of(["extract.csv", "transform.sql", "x"]),
        [.. Enumerable.Range(0, i).Where(_ => Below(3) == 0).Select(d => new StepId($"s{d}"))],
        Map(3),
        Of([null, RetrySpec.Default, RetrySpec.Default with { Max = 7 },
            new RetrySpec(2, TimeSpan.FromMilliseconds(1234), 1.5, TimeSpan.FromTicks(12_345_678), 0), Ruled]),
        Of<TimeSpan?>([null, TimeSpan.FromMinutes(90), TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(1500)]),
        Of([null, "always", "{{ params.x == 'y' }}"]),
        Coin(),
        Of([null, new ForEachSpec(ItemSource.Items, new SpecValue.List([Value(2)]), 1 + Below(20), OnItemFailure.Continue),
            new ForEachSpec(ItemSource.Query, new SpecValue.Text(Of(Texts)), OnItemFailure: OnItemFailure.Tolerate, Count: Below(9)),
            new ForEachSpec(ItemSource.Range, Map(2), OnItemFailure: OnItemFailure.Tolerate, Percent: Below(9) / 4.0)]),
        Limits(),
        Reuse());

    /// <summary>A graph of steps that the small catalogue allows.</summary>
    public PipelineSpec Graph(int count) => new("graph", null, [], [.. Enumerable.Range(0, count).Select(i =>
    {
        var needs = Enumerable.Range(0, i).OrderBy(_ => _random.Next()).Take(i == 0 ? 0 : Below(3)).ToArray();
        var kind = needs.Length == 0 ? "extract.generate" : needs.Length == 1
            ? Of(["transform.select", "transform.sql", "check.row_count"]) : "transform.sql";
        SpecValue.Map with = kind switch
        {
            "extract.generate" => new([new("rows", new SpecValue.Integer(1))]),
            "transform.sql" => new([new("query", new SpecValue.Text("select 1"))]),
            _ => SpecValue.Map.Empty,
        };
        return new StepSpec(new StepId($"s{i}"), kind, [.. needs.Select(n => new StepId($"s{n}"))], with, Materialize: Below(5) == 0,
            When: Below(6) == 0 ? "always" : null);
    })]);
}
