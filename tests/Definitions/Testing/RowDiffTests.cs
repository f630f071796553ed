using System.Collections.Immutable;
using OrleansEtl.Definitions.Testing;

namespace OrleansEtl.Definitions.Tests.Testing;

public sealed class RowDiffTests
{
    private static readonly ImmutableArray<Column> Columns =
        [new("id", "BIGINT"), new("amount", "DECIMAL(18,2)"), new("at", "TIMESTAMP"), new("rate", "DOUBLE"), new("ok", "BOOLEAN")];

    private static readonly ImmutableArray<ImmutableArray<string?>> Came =
        [["1", "5.00", "2026-01-31 12:00:00", "0.1", "true"], ["2", null, null, "1e-05", "false"]];

    [Fact]
    public void The_same_value_may_be_written_in_another_way() => Assert.Empty(Between(false,
        Row(("id", Number(2)), ("amount", new SpecValue.Null()), ("rate", new SpecValue.Real(0.00001)), ("ok", new SpecValue.Flag(false))),
        Row(("id", Number(1)), ("amount", Number(5)), ("at", Text("2026-01-31T12:00:00Z")), ("rate", new SpecValue.Real(0.1)), ("ok", new SpecValue.Flag(true)))));

    [Fact]
    public void Order_counts_only_where_it_is_asked_for()
    {
        SpecValue.Map[] turned = [Row(("id", Number(2))), Row(("id", Number(1)))];
        Assert.Empty(Between(false, turned));
        Assert.Equal(["~ row 1: id expected 2, found 1", "~ row 2: id expected 1, found 2"], Between(true, turned));
    }

    [Fact]
    public void Rows_are_counted_and_not_only_looked_for()
    {
        SpecValue.Map[] twice = [Row(("id", Number(1))), Row(("id", Number(1))), Row(("id", Number(2)))];
        Assert.Equal(["- { id: 1 }"], Between(false, twice));
        Assert.Equal(["+ { id: 2 }"], Between(false, twice[0]));
    }

    [Fact]
    public void A_row_that_came_otherwise_is_shown_beside_the_one_that_was_meant() => Assert.Equal(
        ["~ { id: 1, amount: 6 }: amount expected 6, found 5", "- { id: 3, amount: 9 }", "+ { id: 2, amount: null }"],
        Between(false, Row(("id", Number(1)), ("amount", Number(6))), Row(("id", Number(3)), ("amount", Number(9)))));

    [Fact]
    public void No_rows_expected_and_columns_that_are_not_there_are_said()
    {
        Assert.StartsWith("+ { id: 1, amount: 5, ", Between(false)[0]);
        Assert.Equal(["- column di: there are id, amount, at, rate, ok"], Between(false, Row(("di", Number(1)))));
    }

    [Fact]
    public void Nobody_has_to_read_a_thousand_lines()
    {
        var lines = RowDiff.Between([.. Enumerable.Range(10, 100).Select(i => Row(("id", Number(i))))], Columns, Came, false);
        Assert.Equal(RowDiff.LinesMax + 1, lines.Length);
        Assert.Equal("… and 82 more", lines[^1]);
    }

    private static ImmutableArray<string> Between(bool isOrdered, params SpecValue.Map[] expected) =>
        RowDiff.Between([.. expected], Columns, Came, isOrdered);

    private static SpecValue.Map Row(params (string Name, SpecValue Value)[] fields) => new([.. fields.Select(field => new Field(field.Name, field.Value))]);

    private static SpecValue.Integer Number(long value) => new(value);

    private static SpecValue.Text Text(string value) => new(value);
}
