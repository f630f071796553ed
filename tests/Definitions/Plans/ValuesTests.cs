using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions.Tests.Plans;

public class ValuesTests
{
    [Theory]
    [InlineData(ValueType.Integer, "42", "42")]
    [InlineData(ValueType.Integer, "-1", "-1")]
    [InlineData(ValueType.Number, "1e3", "1000.0")]
    [InlineData(ValueType.Flag, "true", "true")]
    [InlineData(ValueType.Text, "42", "\"42\"")]
    [InlineData(ValueType.Date, "2026-01-31", "\"2026-01-31\"")]
    [InlineData(ValueType.Timestamp, "2026-01-31T10:00Z", "\"2026-01-31T10:00Z\"")]
    [InlineData(ValueType.List, "1,b, true", "[1,\"b\",true]")]
    [InlineData(ValueType.List, "", "[]")]
    [InlineData(ValueType.Any, "3.5", "3.5")]
    public void A_text_from_the_command_line_becomes_a_value_of_the_type(ValueType type, string text, string json) =>
        Assert.Equal(json, Values.FromText(type, text).Value!.ToJson());

    [Theory]
    [InlineData(ValueType.Integer, "4.2", "expected a whole number, found the text \"4.2\".")]
    [InlineData(ValueType.Flag, "yes", "expected true or false, found the text \"yes\".")]
    [InlineData(ValueType.Date, "31.1.2026", "expected a day such as 2026-01-31, found the text \"31.1.2026\".")]
    [InlineData(ValueType.Date, "2026-02-30", "expected a day such as 2026-01-31, found the text \"2026-02-30\".")]
    [InlineData(ValueType.Number, "NaN", "expected a number, found the text \"NaN\".")]
    public void Or_a_fault_that_says_what_was_expected(ValueType type, string text, string message) =>
        Assert.Equal(message, Values.FromText(type, text).Fault!.Message);

    [Fact]
    public void Filled_fields_get_defaults_and_the_form_of_their_types()
    {
        var kind = SmallCatalog.Kinds.Find("extract.csv")!;
        var with = Values.Conform(kind, new SpecValue.Map(
            [new("path", new SpecValue.Text("{{ not a template }}")), new("delimiter", new SpecValue.Integer(7))]));
        Assert.Equal("""{"path":"{{ not a template }}","delimiter":"7","header":true}""", with.Value!.ToJson());
        var fault = Values.Conform(kind, new SpecValue.Map([new("path", new SpecValue.Null())])).Fault!;
        Assert.Equal((PlanCodes.WrongType, "with.path"), (fault.Code, fault.Path));
    }

    [Fact]
    public void A_run_gets_every_parameter_or_all_that_is_wrong()
    {
        var spec = new PipelineSpec("p", null,
            [
                new("day", ValueType.Date, null, null), new("n", ValueType.Integer, new SpecValue.Integer(1), null),
                new("opt", ValueType.Text, new SpecValue.Null(), null),
            ], []);
        var complete = Assert.IsType<ParamsResult.Complete>(RunParams.FromText(spec, [new("day", "2026-01-31")]));
        Assert.Equal("day=2026-01-31 n=1 opt=null", string.Join(' ', complete.Params.Select(p => $"{p.Name}={p.Value.ToPlainText()}")));
        var faulty = Assert.IsType<ParamsResult.Faulty>(RunParams.FromText(spec, [new("dya", "x"), new("n", "many")]));
        Assert.Equal([PlanCodes.UnknownParam, PlanCodes.WrongParam, PlanCodes.MissingParam], faulty.Faults.Select(f => f.Code));
        Assert.Equal("Did you mean `day`?", faulty.Faults[0].Hint);
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("PT1M", 60_000)]
    public void Durations_are_read_and_written(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
        Assert.True(Durations.TryParse(Durations.ToText(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("P1M")]
    [InlineData("5 minutes")]
    [InlineData("999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("extract_csv", "extract.csv")]
    [InlineData("csv", "extract.csv")]
    [InlineData("extract.cvs", "extract.csv")]
    [InlineData("transform_join", "transform.join")]
    [InlineData("chekc.row_count", "check.row_count")]
    [InlineData("quantum", null)]
    public void The_kind_that_was_meant_is_found(string written, string? meant) => Assert.Equal(meant, SmallCatalog.Kinds.Nearest(written));

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly", 7, "exactly")]
    [InlineData("longer than that", 6, "longer…")]
    [InlineData("ab😀cd", 3, "ab…")]
    [InlineData("ab😀cd", 4, "ab😀…")]
    public void An_excerpt_cuts_no_character_in_half(string text, int max, string expected) => Assert.Equal(expected, Excerpt.Of(text, max));
}
