using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions.Tests.Expressions;

public class ExpressionTests
{
    private static readonly PipelineSpec Spec = new("orders", null,
        [
            new("day", ValueType.Date, null, null), new("at", ValueType.Timestamp, null, null), new("n", ValueType.Integer, null, null),
            new("x", ValueType.Number, null, null), new("who", ValueType.Text, null, null), new("full", ValueType.Flag, null, null),
            new("ids", ValueType.List, null, null), new("opt", ValueType.Map, null, null), new("none", ValueType.Text, null, null),
        ], []);

    private static readonly Scope Scope = new(Spec, new RunId("run_1"), new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
        [
            new("day", new SpecValue.Text("2026-01-31")), new("at", new SpecValue.Text("2026-01-31T23:30:00-02:00")),
            new("n", new SpecValue.Integer(3)), new("x", new SpecValue.Real(0.5)), new("who", new SpecValue.Text("O'Neil")),
            new("full", new SpecValue.Flag(true)), new("ids", new SpecValue.List([new SpecValue.Integer(1), new SpecValue.Text("b")])),
            new("opt", new SpecValue.Map([new("deep", new SpecValue.Map([new("er", new SpecValue.Integer(9))]))])),
            new("none", new SpecValue.Null()),
        ],
        new RunOccasion(new DateTimeOffset(2026, 2, 2, 0, 0, 0, TimeSpan.FromHours(1)), new DateTimeOffset(2026, 2, 3, 0, 0, 0, TimeSpan.Zero), "eu"),
        step => step.Value == "my-step"
            ? new StepResult(step, 10, 8, null, [], [new("max", new SpecValue.Real(1.5)), new("last", new SpecValue.Text("z"))])
            : null);

    private static string Evaluate(string text)
    {
        var expression = ExpressionParser.Parse(text);
        if (!expression.Succeeded) return expression.Fault.Message;
        var value = Evaluation.Of(expression.Value, Scope);
        return value.Succeeded ? value.Value.Value.ToJson() : value.Fault.Message;
    }

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("-2 - -3", "1")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("params.n + 0.5", "3.5")]
    [InlineData("params.n == 3.0", "true")]
    [InlineData("params.day == '2026-01-31'", "true")]
    [InlineData("params.day < \"2026-02-01\"", "true")]
    [InlineData("params.at > params.day", "true")]
    [InlineData("params.at == '2026-02-01T01:30:00Z'", "true")]
    [InlineData("not params.full or params.n >= 3 and true", "true")]
    [InlineData("false and params.n / 0 > 1", "false")]
    [InlineData("true or params.n / 0 > 1", "true")]
    [InlineData("params.opt.deep.er", "9")]
    [InlineData("params.opt.nothing | default(1)", "1")]
    [InlineData("steps.my-step.values.rows_out", "8")]
    [InlineData("steps.my-step.values.rows_out-1", "7")]
    [InlineData("steps.my-step.values.rows_rejected", "null")]
    [InlineData("steps.my-step.values.max * 2", "3.0")]
    [InlineData("steps.other.values.max | default('-')", "\"-\"")]
    [InlineData("run.id", "\"run_1\"")]
    [InlineData("run.pipeline | upper", "\"ORDERS\"")]
    [InlineData("run.started_at", "\"2026-02-03T04:05:06.000Z\"")]
    [InlineData("run.started_at | date", "\"2026-02-03\"")]
    [InlineData("run.interval.start", "\"2026-02-01T23:00:00.000Z\"")]
    [InlineData("run.interval.end > run.interval.start", "true")]
    [InlineData("run.scheduled_at | date", "\"2026-02-03\"")]
    [InlineData("run.partition | upper", "\"EU\"")]
    [InlineData("run.interval | default(1)", "1")]
    [InlineData("params.day | date('yyyy/MM')", "\"2026/01\"")]
    [InlineData("params.day | date('d')", "\"31\"")]
    [InlineData("params.ids | json", "\"[1,\\\"b\\\"]\"")]
    [InlineData("params.ids | length", "2")]
    [InlineData("params.ids | join(' + ')", "\"1 + b\"")]
    [InlineData("'a.b.c' | replace('.', '_')", "\"a_b_c\"")]
    [InlineData("' a ' | trim | upper", "\"A\"")]
    [InlineData("'it\\'s' == \"it's\"", "true")]
    [InlineData("null == params.none", "true")]
    [InlineData("9223372036854775807 == 9223372036854775807", "true")]
    public void An_expression_has_a_value(string text, string json) => Assert.Equal(json, Evaluate(text));

    [Theory]
    [InlineData("params.n / 0", "Division by zero (character 10).")]
    [InlineData("9223372036854775807 + 1", "9223372036854775807 + 1 is larger than a whole number can be.")]
    [InlineData("params.who + 1", "`+` needs numbers, found the text \"O'Neil\" (character 12).")]
    [InlineData("params.none > 1", "`>` cannot compare null with the number 1 (character 13).")]
    [InlineData("params.n and true", "`and` needs true or false on both sides, found the number 3 (character 10).")]
    [InlineData("params.none | upper", "`upper` needs a text, found null (character 15).")]
    [InlineData("params.who | join(',')", "`join` needs a list, found the text \"O'Neil\" (character 14).")]
    [InlineData("params.who | replace('', 'x')", "`replace` needs two texts, the first of them not empty, found the text \"\" (character 14).")]
    [InlineData("params.who | replace('x')", "The expression `params.who | replace('x')` cannot be read: `replace` takes two arguments, found 1 (character 14).")]
    [InlineData("params.who | date", "`date` needs a day or a timestamp, found the text \"O'Neil\" (character 14).")]
    [InlineData("1 +", "The expression `1 +` cannot be read: expected a value, found the end (character 4).")]
    [InlineData("1 = 1", "The expression `1 = 1` cannot be read: `=` has no meaning here (character 3).")]
    [InlineData("a b", "The expression `a b` cannot be read: expected an operator or the end, found `b` (character 3).")]
    [InlineData("1 < 2 < 3", "The expression `1 < 2 < 3` cannot be read: comparisons cannot be chained (character 7).")]
    [InlineData("params.n | uper", "The expression `params.n | uper` cannot be read: there is no filter `uper` (character 12).")]
    [InlineData("'open", "The expression `'open` cannot be read: the quote is not closed (character 1).")]
    [InlineData("", "The expression `` cannot be read: expected a value, found the end (character 1).")]
    public void What_has_no_value_is_a_fault_that_says_where(string text, string message) => Assert.Equal(message, Evaluate(text));

    [Theory]
    [InlineData("1 + 2 * 3")]
    [InlineData("(1 + 2) * 3")]
    [InlineData("10 - (4 - 3) - 2")]
    [InlineData("not (params.n > 1 or params.full) and params.x < 2.5")]
    [InlineData("-(params.n + 1) * -2")]
    [InlineData("(params.n > 1) == true")]
    [InlineData("(params.n + 1) | default(3)")]
    [InlineData("params.who | default(\"a \\\"b\\\" \\\\ \\n\") | replace(\"a\", \"}}\") | upper")]
    [InlineData("steps.my-step.values.max / 1.0")]
    public void An_expression_is_written_as_it_was_read(string text)
    {
        Assert.Equal(text, ExpressionText.Of(ExpressionParser.Parse(text).Value!).Value);
        Assert.Equal(Evaluate(text), Evaluate(ExpressionText.Of(ExpressionParser.Parse(text).Value!).Value!));
    }

    [Fact]
    public void Every_text_gives_a_value_or_a_fault()
    {
        string[] words = ["params", ".", "n", "who", "steps", "values", "1", "2.5", "'t'", "(", ")", "+", "-", "*", "/", "==", "<",
            "and", "or", "not",
            "|", "default", "upper", "date", "json", "true", "null", " ", ",", "run", "id", "{", "\\", "é"];
        for (var seed = 0; seed < 10_000; seed++)
        {
            var chance = new Chance(seed);
            Evaluate(string.Concat(Enumerable.Range(0, chance.Below(14)).Select(_ => chance.Of(words) + (chance.Coin() ? " " : ""))));
        }
    }

    [Theory]
    [InlineData("(")]
    [InlineData("-")]
    [InlineData("not ")]
    [InlineData("1+")]
    [InlineData("a.")]
    [InlineData("1|json|")]
    public void Length_and_depth_are_bounded(string part)
    {
        Evaluate(string.Concat(Enumerable.Repeat(part, 4_000 / part.Length)) + "1");
        Assert.Contains("4096", Evaluate(string.Concat(Enumerable.Repeat(part, 5_000))));
    }

    private static string Fill(string text, bool sql = false)
    {
        var filled = Engine.Expressions.Templates.Fill(new SpecValue.Text(text), "with.x", sql ? ["with.x"] : [], Scope);
        return filled.Succeeded ? filled.Value.ToJson() : filled.Fault.Code + " " + filled.Fault.Path;
    }

    [Theory]
    [InlineData("{{ params.n }}", "3")]
    [InlineData("{{ params.ids }}", "[1,\"b\"]")]
    [InlineData("{{ params.none }}", "null")]
    [InlineData("in/{{ params.day }}/{{params.n}}.csv", "\"in/2026-01-31/3.csv\"")]
    [InlineData("{{ '{{' }}", "\"{{\"")]
    [InlineData("{{ '}}' }}x", "\"}}x\"")]
    [InlineData("no template }}", "\"no template }}\"")]
    [InlineData("x{{ params.none }}", "ETL2023 with.x")]
    [InlineData("{{ params.n", "ETL2009 with.x")]
    public void A_template_keeps_the_type_of_its_value_unless_text_is_around_it(string text, string json) => Assert.Equal(json, Fill(text));

    [Theory]
    [InlineData("select {{ params.who }} from t", "\"select 'O''Neil'  from t\"")]
    [InlineData("n > {{ params.n }}", "\"n > 3 \"")]
    [InlineData("n > -{{ 0 - params.n }}", "\"n > -(-3) \"")]
    [InlineData("d = {{ params.day }}", "\"d = DATE '2026-01-31' \"")]
    [InlineData("d = {{ params.at }}", "\"d = TIMESTAMP '2026-02-01 01:30:00.000000' \"")]
    [InlineData("x = {{ params.x }}", "\"x = 5E-1 \"")]
    [InlineData("x in {{ params.ids }}", "\"x in [1, 'b'] \"")]
    [InlineData("x is {{ params.none }}", "\"x is NULL \"")]
    [InlineData("E{{ params.who }}", "\"E 'O''Neil' \"")]
    [InlineData("'a'{{ params.who }}", "\"'a' 'O''Neil' \"")]
    [InlineData("'{{ params.who }}'", "ETL2014 with.x")]
    [InlineData("e'\\'{{ params.who }}'", "ETL2014 with.x")]
    [InlineData("\"{{ params.who }}\"", "ETL2014 with.x")]
    [InlineData("$${{ params.who }}$$", "ETL2014 with.x")]
    [InlineData("$a$ $b$ {{ params.who }}$a$", "ETL2014 with.x")]
    [InlineData("1 -- {{ params.who }}", "ETL2014 with.x")]
    [InlineData("1 /* /* */ {{ params.who }} */", "ETL2014 with.x")]
    [InlineData("1 /* x */ + {{ params.n }} -- y", "\"1 /* x */ + 3  -- y\"")]
    public void In_SQL_a_template_becomes_one_whole_literal_or_is_refused(string text, string json)
    {
        var filled = Fill(text, sql: true);
        Assert.Equal(json.Replace("5E-1", "0.5e0"), filled);
    }
}
