using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Definitions.Testing;

/// <summary>Reads a test file. Like a pipeline's it never throws for what is in it, and all that is wrong is found at once.</summary>
public sealed class TestReader
{
    public const int CasesMax = 1_000;

    private static readonly ImmutableArray<string> Statuses = ["succeeded", "failed", "skipped", "cancelled"];

    private readonly Findings _findings;
    private readonly SourceMap _map = new();
    private readonly Unfolding _values;

    private TestReader(Findings findings)
    {
        _findings = findings;
        _values = new Unfolding(YamlBounds.Default, findings, _map);
    }

    public static TestFile ReadFile(string path)
    {
        try
        {
            using var stream = System.IO.File.OpenRead(path);
            var bytes = new byte[YamlBounds.Default.BytesMax + 1];
            return Read(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var findings = new Findings(path, 1);
            findings.Error(YamlCodes.Unreadable, $"`{path}` cannot be read: {e.Message}", null);
            return new TestFile(path, "", [], findings.All(), "");
        }
    }

    public static TestFile Read(ReadOnlySpan<byte> bytes, string path)
    {
        var findings = new Findings(path, YamlBounds.Default.DiagnosticsMax);
        var text = FileText.Read(bytes, YamlBounds.Default, findings);
        var root = text is null ? null : TreeReader.Read(text, YamlBounds.Default, findings);
        var read = root is null ? null : new TestReader(findings).Whole(root);
        var pipeline = Path.Combine(Path.GetDirectoryName(path) ?? "", read?.Pipeline ?? Beside(Path.GetFileName(path)));
        return new TestFile(path, pipeline, read?.Cases ?? [], findings.All(), text ?? "");
    }

    /// <summary><c>orders.test.yaml</c> is about <c>orders.yaml</c>.</summary>
    private static string Beside(string name) =>
        PipelineFolder.TestEndings.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.Ordinal)) is { } ending
            ? name[..^ending.Length] + ending[".test".Length..] : name;

    private (string? Pipeline, ImmutableArray<TestCase> Cases)? Whole(Node root)
    {
        if (Mapping(root, "A test file", "cases: [{ name: …, given: …, expect: … }]", "") is not { } mapping) return null;
        var keys = Keys(mapping, ["pipeline", "env", "cases"], "", "a test file");
        var environment = keys.Text("env", "prod");
        if (keys["cases"]?.Value is not Node.Sequence { Items: [_, ..] items })
        {
            _findings.Error(YamlCodes.MissingKey, "A test file needs `cases`, a list of at least one.", keys["cases"]?.Value.Range ?? root.Range, "cases");
            return null;
        }
        if (items.Length > CasesMax)
            _findings.Error(YamlCodes.BoundMet, $"The file has {items.Length} cases; at most {CasesMax} are run.", keys["cases"]!.Key.Range, "cases");
        var cases = items.Take(CasesMax).Select((item, i) => Case(item, environment, SpecPath.Item("cases", i)));
        return (keys.Text("pipeline", "orders.yaml"), [.. cases.OfType<TestCase>()]);
    }

    private TestCase? Case(Node node, string? environment, string path)
    {
        if (Mapping(node, "A case", "{ name: …, given: …, expect: … }", path) is not { } mapping) return null;
        var keys = Keys(mapping, ["name", "params", "env", "interval", "given", "loads", "timeout", "expect"], path, "a case");
        var name = keys.Text("name", "keeps what is paid");
        if (name is null && !keys.WasMeant("name")) _findings.Error(YamlCodes.MissingKey, "A case needs `name`.", node.Range, path);
        var @params = keys["params"] is { } entry ? Value(entry.Value, SpecPath.Field(path, "params")) as SpecValue.Map : null;
        if (keys["params"] is { } other && @params is null) keys.Wrong("params", other.Value, "a mapping from names to values", null);
        var expect = keys["expect"];
        if (expect is null && !keys.WasMeant("expect"))
            _findings.Error(YamlCodes.MissingKey, "A case needs `expect`.", node.Range, path, "For example: expect: { status: succeeded }");
        var (status, steps) = expect is null ? (null, []) : Expect(expect.Value, SpecPath.Field(path, "expect"));
        return new TestCase(
            name ?? "", @params?.Fields ?? [], keys.Text("env", "prod") ?? environment, Given(keys, path), keys.Flag("loads") ?? false,
            keys.Duration("timeout") ?? TestCase.UsualTimeout, status, steps, Occasion(keys, path));
    }

    private RunOccasion? Occasion(Keys keys, string path)
    {
        if (keys["interval"] is not { } entry) return null;
        var at = SpecPath.Field(path, "interval");
        if (Mapping(entry.Value, "`interval`", "interval: { start: 2026-01-01, end: 2026-01-02 }", at) is not { } mapping) return null;
        var interval = Keys(mapping, ["start", "end"], at, "an interval");
        return Moment(interval, "start", mapping) is { } start && Moment(interval, "end", mapping) is { } end
            ? new RunOccasion(start, end) : null;
    }

    private DateTimeOffset? Moment(Keys keys, string name, Node.Mapping interval)
    {
        if (keys.Text(name, "2026-01-01") is { } text && Moments.TryInstant(text, null, out var moment)) return moment;
        if (keys[name] is { } wrong) keys.Wrong(name, wrong.Value, "a date or a moment, in UTC unless it says otherwise", null);
        else _findings.Error(YamlCodes.MissingKey, $"An interval needs `{name}`.", interval.Range, "");
        return null;
    }

    private ImmutableArray<GivenRows> Given(Keys keys, string path)
    {
        if (keys["given"] is not { } entry) return [];
        var at = SpecPath.Field(path, "given");
        return Mapping(entry.Value, "`given`", "given: { orders: [{ id: 1 }] }", at) is not { } mapping ? []
            : [.. Steps(mapping, at).Select(one => Given(one.Step, one.Node, one.Path)).OfType<GivenRows>()];
    }

    private GivenRows? Given(StepId step, Node node, string path)
    {
        if (node is Node.Sequence) return Rows(node, path) is { } short_ ? Checked(new GivenRows(step, [], short_), node, path) : null;
        if (Mapping(node, "The given rows of a step", "[{ id: 1 }], or { columns: { id: bigint }, rows: [] }", path) is not { } mapping) return null;
        var keys = Keys(mapping, ["columns", "rows"], path, "given rows");
        var columns = keys["columns"] is { } entry ? Value(entry.Value, SpecPath.Field(path, "columns")) as SpecValue.Map : SpecValue.Map.Empty;
        if (columns is null || columns.Fields.Any(column => column.Value is not SpecValue.Text))
        {
            keys.Wrong("columns", keys["columns"]!.Value, "a mapping from names to types", "For example: columns: { id: bigint, day: date }");
            return null;
        }
        var rows = keys["rows"] is { } listed ? Rows(listed.Value, SpecPath.Field(path, "rows")) : [];
        return rows is null ? null : Checked(new GivenRows(step, columns.Fields, rows.Value), node, path);
    }

    private GivenRows? Checked(GivenRows given, Node node, string path)
    {
        if (!given.Rows.IsEmpty || !given.Columns.IsEmpty) return given;
        _findings.Error(YamlCodes.MissingKey, "No rows are given, so their columns have to be.", node.Range, path,
            "For example: { columns: { id: bigint }, rows: [] }");
        return null;
    }

    private (string? Status, ImmutableArray<ExpectedStep> Steps) Expect(Node node, string path)
    {
        if (Mapping(node, "`expect`", "expect: { steps: { clean: [{ id: 1 }] } }", path) is not { } mapping) return (null, []);
        var keys = Keys(mapping, ["status", "steps"], path, "an expectation");
        var at = SpecPath.Field(path, "steps");
        return (Status(keys), keys["steps"] is { } entry && Mapping(entry.Value, "`steps`", "steps: { clean: [{ id: 1 }] }", at) is { } steps
            ? [.. Steps(steps, at).Select(one => Expected(one.Step, one.Node, one.Path)).OfType<ExpectedStep>()] : []);
    }

    private ExpectedStep? Expected(StepId step, Node node, string path)
    {
        if (node is Node.Sequence) return Rows(node, path) is { } short_ ? new ExpectedStep(step, short_, false, null, null, null, null, null) : null;
        if (Mapping(node, "What is expected of a step", "[{ id: 1 }], or { row_count: 1 }", path) is not { } mapping) return null;
        var keys = Keys(mapping, ["rows", "ordered", "columns", "row_count", "rejected", "status", "fault"], path, "an expected step");
        var columns = keys["columns"] is { } entry ? Value(entry.Value, SpecPath.Field(path, "columns")) as SpecValue.List : null;
        if (keys["columns"] is { } other && (columns is null || columns.Items.Any(item => item is not SpecValue.Text)))
            keys.Wrong("columns", other.Value, "a list of column names", null);
        return new ExpectedStep(
            step, keys["rows"] is { } rows ? Rows(rows.Value, SpecPath.Field(path, "rows")) : null, keys.Flag("ordered") ?? false,
            columns is null ? null : [.. columns.Items.OfType<SpecValue.Text>().Select(text => text.Value)],
            Count(keys, "row_count"), Count(keys, "rejected"), Status(keys), keys.Text("fault", "ETL5040"));
    }

    private string? Status(Keys keys)
    {
        var status = keys.Text("status", "failed");
        if (status is null || Statuses.Contains(status)) return status;
        keys.Wrong("status", keys["status"]!.Value, $"one of {string.Join(", ", Statuses)}", null);
        return null;
    }

    private static long? Count(Keys keys, string name)
    {
        if (keys[name] is not { } entry) return null;
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= 0 } count) return count.Value;
        keys.Wrong(name, entry.Value, "a number of rows", null);
        return null;
    }

    private ImmutableArray<SpecValue.Map>? Rows(Node node, string path)
    {
        if (Value(node, path) is SpecValue.List list && list.Items.All(item => item is SpecValue.Map))
            return [.. list.Items.Cast<SpecValue.Map>()];
        _findings.Error(YamlCodes.WrongShape, $"Rows are a list of mappings from columns to values, found {node.Shape}.", node.Range, path,
            "For example: [{ id: 1, name: ann }, { id: 2, name: null }]");
        return null;
    }

    private IEnumerable<(StepId Step, Node Node, string Path)> Steps(Node.Mapping mapping, string path)
    {
        foreach (var twice in mapping.Entries.GroupBy(entry => entry.Key.Text).SelectMany(group => group.Skip(1)))
            _findings.Error(YamlCodes.DuplicateKey, $"The key `{twice.Key.Text}` stands here a second time.", twice.Key.Range, path, "Keep one of them.");
        return mapping.Entries.Select(entry => (new StepId(entry.Key.Text), entry.Value, SpecPath.Field(path, entry.Key.Text)));
    }

    private SpecValue Value(Node node, string path) => _values.Value(node, path);

    private Keys Keys(Node.Mapping mapping, ImmutableArray<string> allowed, string path, string owner) =>
        new(mapping, allowed, path, owner, _map, _findings, _ => null);

    private Node.Mapping? Mapping(Node node, string what, string example, string path)
    {
        if (node is Node.Mapping mapping) return mapping;
        _findings.Error(YamlCodes.WrongShape, $"{what} must be a mapping, found {node.Shape}.", node.Range, path, $"For example: {example}");
        return null;
    }
}
