using System.Text;

namespace OrleansEtl.Steps.Tests;

/// <summary>Whether steps run as one query or each by itself must not be seen in anything but the clock.</summary>
public sealed class FusionTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_chain_gives_the_same_rows_and_counts_as_one_query_and_step_by_step(int seed)
    {
        var random = new Random(seed);
        _home.Write("in.csv", Csv(random));
        var steps = Chain(random);
        var fused = Home.Plan(Yaml(steps, materialize: false));
        var apart = Home.Plan(Yaml(steps, materialize: true));
        Assert.Single(fused.Stages);
        Assert.Equal(steps.Count, apart.Stages.Length);

        var (one, many) = (_home.Run(fused), _home.Run(apart));
        Assert.Equal(many.View.Status, one.View.Status);
        if (one.View.Status == RunStatus.Failed)
        {
            Assert.Equal(Failed(many), Failed(one));
            return;
        }

        Assert.Equal(many.View.Steps.Select(Counts), one.View.Steps.Select(Counts));
        Assert.Equal(many.Dataset($"s{steps.Count - 1}").Columns, one.Dataset($"s{steps.Count - 1}").Columns);
        Assert.Equal(many.Rows($"s{steps.Count - 1}"), one.Rows($"s{steps.Count - 1}"));
        Assert.Equal(many.Rows("s0", "rejects"), one.Rows("s0", "rejects"));
        Assert.Equal(one["s0"].RowsIn, one["s0"].RowsOut + one["s0"].RowsRejected);
    }

    private static string Counts(StepView step) => $"{step.Id}: {step.RowsIn} in, {step.RowsOut} out, {step.RowsRejected} rejected";

    private static string Failed(Ran ran)
    {
        var step = ran.View.Steps.Single(one => one.Fault is not null);
        return $"{step.Id} {step.Fault!.Code}";
    }

    private static string Csv(Random random)
    {
        var text = new StringBuilder("a,b,c,d\n");
        var rows = random.Next(5) == 0 ? 0 : random.Next(1, 3000);
        for (var i = 0; i < rows; i++)
        {
            string Maybe(string value) => random.Next(8) == 0 ? "" : value;
            text.Append(Maybe($"{random.Next(50)}")).Append(',').Append(Maybe($"{random.Next(1000) / 10.0:0.0}")).Append(',')
                .Append(Maybe($"w{random.Next(20)}")).Append(',').Append(random.Next(40) == 0 ? "rubbish" : $"{i}")
                .Append(random.Next(60) == 0 ? ",more" : "").Append('\n');
        }

        return text.ToString();
    }

    private static List<string> Chain(Random random)
    {
        var steps = new List<string>
        {
            "kind: extract.csv, with: {path: in.csv, header: true, columns: {a: integer, b: double, c: varchar, d: bigint}, rejects_max_ratio: 1}",
        };
        // d is always there and different in each row, so that every order is whole.
        string[] links =
        [
            "kind: transform.filter, with: {where: a > 10}",
            "kind: transform.filter, with: {where: \"c LIKE 'w1%' OR b < 50\"}",
            "kind: transform.filter, with: {where: \"1 = 0\"}",
            "kind: transform.clean_nulls, with: {columns: [a, b]}",
            "kind: transform.clean_nulls, with: {columns: [b], method: value, value: 0}",
            "kind: transform.clean_nulls, with: {columns: [a], method: median}",
            "kind: transform.clean_nulls, with: {columns: [c], method: forward, order_by: d}",
            "kind: transform.select, with: {derive: {a: a * 2, e: \"coalesce(b, 0) + d\"}}",
            "kind: transform.select, with: {cast: {b: {type: smallint, on_error: reject}}, derive: {b: b * 1.5}}",
            "kind: transform.select, with: {derive: {x: \"CASE WHEN d % 500 = 7 THEN 'word' ELSE '1' END\"}, rename: {c: c}}",
            "kind: transform.outliers, with: {columns: [b], factor: 0.2}",
            "kind: transform.outliers, with: {columns: [b, a], action: flag, method: zscore, factor: 1}",
            "kind: transform.deduplicate, with: {by: [a], order_by: [d]}",
            "kind: transform.deduplicate, with: {}",
            "kind: transform.sql, with: {query: SELECT * FROM input WHERE d % 3 = 0}",
            "kind: transform.sql, with: {query: SELECT * FROM input ORDER BY d LIMIT 100}",
            "kind: transform.sql, with: {query: \"SELECT i.* FROM input i, (SELECT avg(d) AS m FROM input) WHERE d > m\"}",
        ];
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var link = links[random.Next(links.Length)];
            // A flag column may only come once.
            if (!link.Contains("flag", StringComparison.Ordinal) || !steps.Contains(link)) steps.Add(link);
        }

        if (random.Next(3) == 0)
            steps.Add("kind: transform.aggregate, with: {by: [c], measures: {n: {function: count}, s: sum(d), m: {function: median, column: b}}}");
        else if (random.Next(3) == 0)
            steps.Add("kind: transform.drop_columns, with: {columns: [b]}");
        return steps;
    }

    private static string Yaml(List<string> steps, bool materialize) => "pipeline: test\nsteps:\n" + string.Concat(steps.Select((step, i) =>
        $"  - {{id: s{i}, {(i > 0 ? $"depends_on: [s{i - 1}], " : "")}{(materialize ? "materialize: true, " : "")}{step}}}\n"));
}
