namespace OrleansEtl.Steps.Tests;

public sealed class TransformTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Through(string types, string csv, string kind, string with) =>
        Table.Through(_home, types, csv, kind, with);

    [Fact]
    public void A_filter_keeps_rows_for_which_the_condition_is_true_and_drops_false_and_NULL()
    {
        var ran = Through("a integer", "a\n1\n5\nx\n\n9\n".Replace("x\n", ""), "transform.filter", "{where: a > 4}")
            .Succeeded();
        Assert.Equal(["5", "9"], ran.Rows("step"));
        Assert.Equal((4L, 2L), (ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value));
    }

    [Theory]
    [InlineData("FALSE")]
    [InlineData("1 = 0")]
    [InlineData("a < a")]
    public void A_condition_that_is_never_true_still_reads_and_counts_every_row(string where)
    {
        var ran = Through("a integer", "a\n1\n2\n3\n", "transform.filter", $"{{where: \"{where}\"}}").Succeeded();
        Assert.Equal((3L, 0L), (ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value));
        Assert.Equal(3, ran["data"].RowsOut);
    }

    [Theory]
    [InlineData("transform.filter", "{where: \"random() < 0.5\"}")]
    [InlineData("transform.sql", "{query: \"SELECT * FROM data WHERE random() < 0.5\"}")]
    public void Chance_that_names_no_column_does_not_spoil_the_counts_of_the_steps_before(string kind, string with)
    {
        var rows = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{i}\n"));
        var ran = Through("a integer", "a\n" + rows, kind, with).Succeeded();
        Assert.Equal(10_000, ran["data"].RowsOut);
        Assert.Equal(10_000, ran["step"].RowsIn);
        Assert.InRange(ran["step"].RowsOut!.Value, 4_000, 6_000);
    }

    [Fact]
    public void Dropping_a_column_keeps_the_order_of_the_others()
    {
        var ran = Through("a integer; b integer; c integer", "a,b,c\n1,2,3\n", "transform.drop_columns",
            "{columns: [b]}").Succeeded();
        Assert.Equal(["a", "c"], ran.Dataset("step").Columns.Select(column => column.Name));
        Assert.Equal(["1|3"], ran.Rows("step"));
    }

    [Fact]
    public void Select_picks_then_renames_then_casts_then_derives()
    {
        var ran = Through("a varchar; b integer; c integer", "a,b,c\n7,2,3\n", "transform.select",
            "{columns: [b, a], rename: {a: x}, cast: {x: integer}, derive: {y: x * 10, b: b + 1}}").Succeeded();
        Assert.Equal(["b INTEGER", "x INTEGER", "y INTEGER"],
            ran.Dataset("step").Columns.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(["3|7|70"], ran.Rows("step"));
    }

    [Fact]
    public void A_cast_that_fails_fails_the_step_and_says_which()
    {
        var fault = Through("a varchar", "a\n7\nseven\n", "transform.select", "{cast: {a: integer}}").Fault("step");
        Assert.Equal(FaultKind.Invalid, fault.Kind);
        Assert.Contains("seven", fault.Message);
    }

    [Fact]
    public void A_cast_may_give_NULL_instead()
    {
        Assert.Equal(["7", "∅"],
            Through("a varchar", "a\n7\nseven\n", "transform.select",
            "{cast: {a: integer}, on_error: null}".Replace("null", "\"null\""))
            .Succeeded().Rows("step"));
    }

    [Fact]
    public void A_cast_may_put_the_row_aside_with_the_reason()
    {
        var ran = Through("id integer; a varchar", "id,a\n1,7\n2,seven\n3,\n", "transform.select",
            "{cast: {a: {type: integer, on_error: reject}}, derive: {b: a + 1}}").Succeeded();
        Assert.Equal(["1|7|8", "3|∅|∅"], ran.Rows("step"));
        Assert.Equal(["2|seven|a: cannot turn 'seven' into integer"], ran.Rows("step", "rejects"));
        Assert.Equal((3L, 2L, 1L),
            (ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value, ran["step"].RowsRejected!.Value));
    }

    [Theory]
    [InlineData("{}", "1|2")]
    [InlineData("{columns: [a]}", "1|2,3|∅")]
    [InlineData("{method: value, value: 0, columns: [b]}", "1|2,3|0,∅|4,∅|0")]
    [InlineData("{method: mean}", "1|2,2|3,2|4,3|3")]
    [InlineData("{per_column: {a: drop, b: median}}", "1|2,3|3")]
    [InlineData("{per_column: {a: {method: value, value: 9}}}", "1|2,3|∅,9|4,9|∅")]
    public void Nulls_are_dropped_or_filled(string with, string expected)
    {
        var ran = Through("a integer; b integer", "a,b\n1,2\n3,\n,4\n,\n", "transform.clean_nulls", with).Succeeded();
        Assert.Equal(expected.Split(',').Order(StringComparer.Ordinal), ran.Rows("step"));
    }

    [Fact]
    public void Mode_fills_the_most_frequent_value_and_the_smallest_of_several()
    {
        var ran = Through("a varchar", "a\nx\ny\ny\nx\nz\n\"\"\n", "transform.clean_nulls", "{method: mode}")
            .Succeeded();
        Assert.Equal(["x", "x", "x", "y", "y", "z"], ran.Rows("step"));
    }

    [Fact]
    public void Forward_takes_the_last_value_before_in_the_order_within_its_group()
    {
        var ran = Through("g integer; t integer; v integer", "g,t,v\n1,3,\n1,1,10\n1,2,\n2,1,\n2,2,20\n",
            "transform.clean_nulls",
            "{columns: [v], method: forward, order_by: [t], by: [g]}").Succeeded();
        Assert.Equal(["1|1|10", "1|2|10", "1|3|10", "2|1|∅", "2|2|20"], ran.Rows("step"));
    }

    [Theory]
    [InlineData("transform.clean_nulls", "{method: forward}")]
    [InlineData("transform.deduplicate", "{by: [a]}")]
    [InlineData("transform.aggregate", "{measures: {x: {function: first, column: a}}}")]
    [InlineData("transform.aggregate", "{measures: {x: {function: string_agg, column: a}}}")]
    public void What_needs_an_order_asks_for_order_by(string kind, string with)
    {
        var fault = Through("a integer", "a\n1\n", kind, with).Fault("step");
        Assert.Equal(StepCodes.FieldsConflict, fault.Code);
        Assert.Contains("order_by", fault.Message);
    }

    [Theory]
    [InlineData("drop", "1,2,3,4,5,∅")]
    [InlineData("cap", "1,2,3,4,5,8,∅")]
    public void Outliers_beyond_the_quartiles_are_dropped_or_capped_and_NULLs_stay(string action, string expected)
    {
        // Quartiles of 1 2 3 4 5 100 are 2.25 and 4.75, so the bounds are -1.5 and 8.5; 8 is the nearest whole number
        // within.
        var ran = Through("a integer", "a\n1\n2\n3\n4\n5\n100\n\n", "transform.outliers",
            $"{{columns: [a], action: {action}}}").Succeeded();
        Assert.Equal(expected.Split(','), ran.Rows("step"));
        Assert.Equal(7, ran["step"].RowsIn);
    }

    [Fact]
    public void Outliers_by_standard_deviations_are_flagged()
    {
        // Mean 2, sample deviation of 0 0 0 0 10 is 4.47.
        var ran = Through("a double", "a\n0\n0\n0\n0\n10\n\n", "transform.outliers",
            "{columns: a, method: zscore, factor: 1.5, action: flag}").Succeeded();
        Assert.Equal(["0|false", "0|false", "0|false", "0|false", "10|true", "∅|false"],
            ran.Rows("step").Select(row => row.Replace(".0", "")));
    }

    [Fact]
    public void Deduplicate_keeps_the_first_or_last_of_each_key_and_counts_NULLs_as_equal()
    {
        const string csv = "k,t\n1,1\n1,2\n,5\n,4\n2,9\n";
        Assert.Equal(["1|1", "2|9", "∅|4"],
            Through("k integer; t integer", csv, "transform.deduplicate", "{by: k, order_by: t}").Succeeded()
            .Rows("step"));
        Assert.Equal(["1|2", "2|9", "∅|5"],
            Through("k integer; t integer", csv, "transform.deduplicate", "{by: k, order_by: t, keep: last}")
            .Succeeded().Rows("step"));
        Assert.Equal(["1", "2"], Through("k integer", "k\n1\n2\n1\n", "transform.deduplicate", "{}").Succeeded()
            .Rows("step"));
    }

    [Fact]
    public void Aggregate_computes_every_function()
    {
        var ran = Through("g varchar; v integer; t integer", "g,v,t\nx,1,3\nx,2,1\nx,2,2\nx,,9\ny,5,1\n", "transform.aggregate", """
            {by: g, measures: {
                n: {function: count}, nv: {function: count, column: v}, d: {function: count_distinct, column: v},
                s: {function: sum, column: v}, a: {function: avg, column: v},
                lo: {function: min, column: v}, hi: {function: max, column: v},
                med: {function: median, column: v}, q: {function: quantile, column: v, q: 0.25}, sd: {function: stddev, column: v},
                f: {function: first, column: v, order_by: t}, l: {function: last, column: v, order_by: t},
                str: {function: string_agg, column: v, order_by: t, separator: "-"}, big: {function: count, where: v > 1}, e: sum(v) * 2}}
            """).Succeeded();
        Assert.Equal(
            ["x|4|3|2|5|1.6666666666666667|1|2|2|1.5|0.5773502691896257|2|∅|2-2-1|2|10",
            "y|1|1|1|5|5|5|5|5|5|∅|5|5|5|1|10"],
            ran.Rows("step"));
    }

    [Fact]
    public void Aggregate_without_by_gives_one_row_even_of_nothing()
    {
        var ran = Through("v integer", "v\n", "transform.aggregate", "{measures: {n: {function: count}, s: sum(v)}}")
            .Succeeded();
        Assert.Equal(["0|∅"], ran.Rows("step"));
    }

    [Theory]
    [InlineData("inner", "1|a|x")]
    [InlineData("left", "1|a|x,2|b|∅")]
    [InlineData("right", "1|a|x,3|∅|z")]
    [InlineData("full", "1|a|x,2|b|∅,3|∅|z,∅|n|∅,∅|∅|m")]
    [InlineData("anti", "2|b")]
    [InlineData("semi", "1|a")]
    public void Joins_by_key(string how, string expected)
    {
        var nulls = how is "left" or "anti" ? "" : "";
        _home.Write("l.csv", "k,v\n1,a\n2,b\n" + (how == "full" ? ",n\n" : nulls));
        _home.Write("r.csv", "k,v\n1,x\n3,z\n" + (how == "full" ? ",m\n" : ""));
        var ran = _home.Run($$$$"""
            pipeline: test
            steps:
              - {id: l, kind: extract.csv, with: {path: l.csv, columns: {k: integer, v: varchar}}}
              - {id: r, kind: extract.csv, with: {path: r.csv, columns: {k: integer, v: varchar}}}
              - {id: step, kind: transform.join, depends_on: [l, r], with: {how: {{{{how}}}}, on: k}}
            """).Succeeded();
        Assert.Equal(expected.Split(',').Order(StringComparer.Ordinal), ran.Rows("step"));
        Assert.Equal(how is "anti" or "semi" ? ["k", "v"] : ["k", "v", "v_right"],
            ran.Dataset("step").Columns.Select(column => column.Name));
    }

    [Fact]
    public void Joins_by_keys_of_other_names_and_by_condition()
    {
        _home.Write("l.csv", "a,v\n1,10\n2,20\n");
        _home.Write("r.csv", "b,w\n1,5\n2,50\n");
        const string sources = """
            pipeline: test
            steps:
              - {id: l, kind: extract.csv, with: {path: l.csv, columns: {a: integer, v: integer}}}
              - {id: r, kind: extract.csv, with: {path: r.csv, columns: {b: integer, w: integer}}}

            """;
        Assert.Equal(["1|10|1|5", "2|20|2|50"], _home.Run(
            sources + "  - {id: step, kind: transform.join, depends_on: [l, r], with: {on: {a: b}}}").Succeeded()
            .Rows("step"));
        Assert.Equal(["1|5|2|20", "2|50|1|10", "2|50|2|20"], _home.Run(
            sources + "  - {id: step, kind: transform.join, depends_on: [l, r], with: {left: r, right: l, condition: "
            + "l.w > r.v OR l.b < r.a}}")
            .Succeeded().Rows("step"));
    }

    [Fact]
    public void Sql_reads_inputs_by_the_ids_of_their_steps()
    {
        Assert.Equal(["3"], Through(
            "a integer", "a\n1\n2\n", "transform.sql", "{query: \"SELECT sum(a) FROM data -- all of it\"}").Succeeded()
            .Rows("step"));
        Assert.Equal(["4"], Through("a integer", "a\n1\n2\n", "transform.sql",
            "{query: \"WITH x AS (SELECT * FROM input) SELECT count(*) FROM x p, input q;\"}").Succeeded()
            .Rows("step"));
    }

    [Fact]
    public void A_limit_does_not_cut_the_counts_of_the_steps_before()
    {
        var ran = Through("a integer", "a\n" + string.Join("\n", Enumerable.Range(0, 5000)) + "\n", "transform.sql",
            "{query: SELECT * FROM data LIMIT 3}").Succeeded();
        Assert.Equal((5000L, 5000L, 3L),
            (ran["data"].RowsOut!.Value, ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value));
    }

    [Fact]
    public void Values_are_one_row_of_declared_types()
    {
        var ran = Through("a integer", "a\n1\n2\n", "transform.values",
            "{query: \"SELECT sum(a) AS total, 'x' AS word, DATE '2024-05-06' AS day, 1.5 AS half FROM data\", "
            + "values: {total: integer, word: text, day: date, half: number}}").Succeeded();
        Assert.Equal(("3", "x", "2024-05-06", "1.5"),
            (ran.Value("step", "total"), ran.Value("step", "word"), ran.Value("step", "day"),
            ran.Value("step", "half")));
    }

    [Fact]
    public void Values_of_two_rows_are_refused()
    {
        var fault = Through("a integer", "a\n1\n2\n", "transform.values",
            "{query: SELECT a FROM data, values: {a: integer}}").Fault("step");
        Assert.Equal(StepCodes.ValuesInvalid, fault.Code);
    }
}
