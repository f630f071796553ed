using System.Text;

namespace OrleansEtl.Definitions.Tests.Reading;

public class ReadingTests
{
    private static PipelineSpec Read(string yaml)
    {
        var read = PipelineYaml.Read(yaml, "test.yaml", SmallCatalog.Kinds);
        Assert.Empty(read.Diagnostics.Where(d => d.Severity == Severity.Error));
        return read.Spec!;
    }

    private static SpecValue With(string value) =>
        Read($"pipeline: p\nsteps:\n  - id: a\n    kind: k\n    with:\n      v: {value}\n").Steps[0].With["v"]!;

    [Theory]
    [InlineData("no", "\"no\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("true", "true")]
    [InlineData("08", "8")]
    [InlineData("010", "10")]
    [InlineData("0o10", "8")]
    [InlineData("0x1F", "31")]
    [InlineData("1:30:00", "\"1:30:00\"")]
    [InlineData("2026-01-31", "\"2026-01-31\"")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("1e3", "1000.0")]
    [InlineData(".5", "0.5")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("~", "null")]
    [InlineData("'5'", "\"5\"")]
    [InlineData("\"true\"", "\"true\"")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("in/{{ params.day }}.csv", "\"in/{{ params.day }}.csv\"")]
    public void A_scalar_means_what_the_core_schema_of_YAML_1_2_says(string yaml, string json) =>
        Assert.Equal(json, With(yaml).ToJson());

    [Fact]
    public void A_whole_number_beyond_64_bits_is_not_rounded_silently()
    {
        var read = PipelineYaml.Read("pipeline: p\nparams: { n: 9223372036854775808 }\nsteps: []\n", "t.yaml", SmallCatalog.Kinds);
        Assert.Contains(read.Diagnostics, d => d.Code == YamlCodes.WrongType && d.Line == 2 && d.Column == 14);
    }

    [Fact]
    public void All_parts_of_a_step_are_read()
    {
        var step = Read("""
            pipeline: p
            steps:
              - id: a
                kind: extract.csv
                depends_on: [b, c]
                with: { path: x.csv, columns: { a: integer } }
                retry: { max: 7, initial: 250ms, factor: 3, max_delay: 2m, jitter: 0 }
                timeout: PT1H30M
                when: on_failure
                materialize: true
            """).Steps[0];
        Assert.Equal([new StepId("b"), new StepId("c")], step.DependsOn);
        Assert.Equal("""{"path":"x.csv","columns":{"a":"integer"}}""", step.With.ToJson());
        Assert.Equal(new RetrySpec(7, TimeSpan.FromMilliseconds(250), 3, TimeSpan.FromMinutes(2), 0), step.Retry);
        Assert.Equal(TimeSpan.FromMinutes(90), step.Timeout);
        Assert.Equal("on_failure", step.When);
        Assert.True(step.Materialize);
    }

    [Fact]
    public void A_number_is_the_short_form_of_a_retry() =>
        Assert.Equal(RetrySpec.Default with { Max = 5 }, Read("pipeline: p\nsteps: [{ id: a, kind: k, retry: 5 }]").Steps[0].Retry);

    [Fact]
    public void A_retry_may_say_what_holds_for_some_faults()
    {
        var spec = Read("""
            pipeline: p
            retry: { max: 1, on: { exhausted: 9 } }
            steps:
              - id: a
                kind: extract.csv
                retry:
                  max: 2
                  on:
                    unavailable: { max: 10, max_delay: 5m }
                    ETL4301: 0
            """);
        Assert.Equal((RetrySpec.Default with { Max = 1 }).For("exhausted", 9), spec.Retry);
        Assert.Equal(
            (RetrySpec.Default with { Max = 2 }).For("unavailable", 10, maxDelay: TimeSpan.FromMinutes(5)).For("ETL4301", 0),
            spec.Steps[0].Retry);
    }

    [Fact]
    public void Parameters_have_a_short_form_that_tells_the_type_and_a_long_one()
    {
        var spec = Read("""
            pipeline: p
            params:
              day: 2026-01-31
              at: 2026-01-31T10:00:00Z
              n: 3
              x: 0.5
              full: false
              who: me
              ids: [1, 2]
              must:
              long: { type: integer, description: How many, required: true }
              maybe: { type: text, required: false }
            steps: []
            """);
        Assert.Equal(
            [ValueType.Date, ValueType.Timestamp, ValueType.Integer, ValueType.Number, ValueType.Flag, ValueType.Text, ValueType.List,
                ValueType.Any, ValueType.Integer, ValueType.Text],
            spec.Params.Select(p => p.Type));
        Assert.Null(spec.Params[7].Default);
        Assert.Null(spec.Params[8].Default);
        Assert.Equal(new SpecValue.Null(), spec.Params[9].Default);
    }

    [Fact]
    public void The_older_form_gives_the_spec_of_the_modern_one_and_one_warning()
    {
        var older = PipelineYaml.Read("""
            name: p
            steps:
              - id: a
                service: extract_csv
                params: { file_path: x.csv }
              - id: b
                service: transform.clean
                depends_on: [a]
                params: { rules: [{ col: c, how: drop }] }
            """, "old.yaml", SmallCatalog.Kinds);
        var modern = Read("""
            pipeline: p
            steps:
              - { id: a, kind: extract.csv, with: { path: x.csv } }
              - { id: b, kind: transform.clean, depends_on: [a], with: { rules: [{ column: c, how: drop }] } }
            """);
        Assert.Equal(modern.ToValue(), older.Spec!.ToValue());
        var warning = Assert.Single(older.Diagnostics);
        Assert.Equal((Severity.Warning, YamlCodes.OlderForm), (warning.Severity, warning.Code));
    }

    [Fact]
    public void Anchors_share_values() => Assert.Equal(
        """{"a":{"x":1},"b":{"x":1}}""",
        Read("pipeline: p\nsteps: [{ id: a, kind: k, with: { a: &v { x: 1 }, b: *v } }]").Steps[0].With.ToJson());

    [Fact]
    public void The_source_map_knows_the_place_of_keys_and_values()
    {
        var map = PipelineYaml.Read("pipeline: p\nsteps:\n  - id: a\n    kind: k\n    with:\n      columns: [x, yy]\n", "t",
            SmallCatalog.Kinds).SourceMap;
        Assert.Equal(new SourceRange(6, 7, 6, 14), map.Key("steps[0].with.columns"));
        Assert.Equal(new SourceRange(6, 20, 6, 22), map.Value("steps[0].with.columns[1]"));
        Assert.Equal(new SourceRange(3, 9, 3, 10), map.Place("steps[0].retry", preferKey: false));
    }

    [Fact]
    public void A_file_of_a_hundred_megabytes_is_refused_by_its_length()
    {
        using var stream = new LongStream(100_000_000);
        var read = PipelineYaml.Read(stream, "big.yaml", SmallCatalog.Kinds, YamlBounds.Default);
        Assert.Equal(YamlCodes.TooLarge, Assert.Single(read.Diagnostics).Code);
        Assert.False(stream.WasRead);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_diagnostics()
    {
        Assert.Equal(YamlCodes.Unreadable, Assert.Single(PipelineYaml.ReadFile("/nowhere/x.yaml", SmallCatalog.Kinds).Diagnostics).Code);
        Assert.Equal(YamlCodes.Unreadable, Assert.Single(PipelineYaml.ReadFile("/", SmallCatalog.Kinds).Diagnostics).Code);
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_do_not_matter()
    {
        var text = "pipeline: p\nsteps:\n  - { id: a, kind: k, with: { t: |\n      x\n } }\n".Replace("|\n      x\n }", "x }");
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n"))];
        Assert.Equal(Read(text).ToValue(), PipelineYaml.Read(bytes, "t", SmallCatalog.Kinds).Spec!.ToValue());
    }

    [Fact]
    public void Deep_nesting_is_refused_without_being_followed()
    {
        var read = PipelineYaml.Read("a: " + new string('[', 500_000), "deep.yaml", SmallCatalog.Kinds);
        Assert.Equal(YamlCodes.BoundMet, Assert.Single(read.Diagnostics).Code);
    }

    private sealed class LongStream(long length) : Stream
    {
        public bool WasRead { get; private set; }
        public override long Length => length;
        public override bool CanSeek => true;
        public override bool CanRead => true;
        public override bool CanWrite => false;
        public override long Position { get; set; }
        public override int Read(byte[] buffer, int offset, int count)
        {
            WasRead = true;
            return count;
        }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => 0;
        public override void SetLength(long value) { }
        public override void Write(byte[] buffer, int offset, int count) { }
    }
}
