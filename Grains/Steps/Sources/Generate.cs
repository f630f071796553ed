using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

/// <summary>Every value is a function of the seed, the column's name and the row's number, so the same spec gives the
/// same rows, however many threads make them.</summary>
internal static class Generate
{
    private static readonly string[] Generators =
        ["sequence", "uniform", "normal", "choice", "timestamp", "text", "flag"];

    private static readonly WithField<long> Rows = Fields.Integer("rows", "How many rows.", 0, 1_000_000_000_000)
        .Alias("num_rows", "count");
    private static readonly WithField<long> Seed = Fields.Integer("seed", "Another seed gives other values.")
        .Default(1);

    private static readonly WithField<string> Generator =
        Fields.Choice("generator", "How values are made.", Generators);
    private static readonly WithField<long> Start = Fields.Integer("start", "sequence: the first value.").Default(1);
    private static readonly WithField<long> Step = Fields.Integer("step", "sequence: the distance between values.")
        .Default(1);
    private static readonly WithField<double> Min = Fields.Number("min", "uniform: the smallest value.").Default(0);
    private static readonly WithField<double> Max = Fields.Number("max", "uniform: the largest value.").Default(100);

    private static readonly WithField<long?> Decimals = Fields.Integer(
        "decimals", "uniform, normal: digits behind the point. Default: 0 for uniform (whole numbers), all for normal.",
        0, 15).Optional();

    private static readonly WithField<double> Mean = Fields.Number("mean", "normal: the mean.").Default(0);
    private static readonly WithField<double> Deviation = Fields.Number("stddev", "normal: the standard deviation.", 0)
        .Default(1);
    private static readonly WithField<ImmutableArray<SpecValue>> Values =
        Fields.Scalars("values", "choice: one of these.").Optional();
    private static readonly WithField<ImmutableArray<double>> Weights =
        Fields.Numbers("weights", "choice: how often each, relative to the others.").Optional();
    private static readonly WithField<string?> From = Fields.Text("from", "timestamp: the first moment.").Optional();
    private static readonly WithField<string?> To = Fields.Text("to", "timestamp: the end; it is not reached.")
        .Optional();
    private static readonly WithField<string?> Every =
        Fields.Text("every", "timestamp: a fixed distance instead of chance, as '1 hour'.").Optional();
    private static readonly WithField<string> Pattern =
        Fields.Text("pattern", "text: # becomes a digit, ? a capital letter, everything else stays.")
        .Default("????????");
    private static readonly WithField<double> Chance = Fields.Number("probability", "flag: how often true.", 0, 1)
        .Default(0.5);
    private static readonly WithField<double> NullRatio = Fields.Number("null_ratio", "How often NULL.", 0, 1)
        .Default(0);

    private static readonly WithField<ImmutableArray<KeyValuePair<string, With>>> Columns = Fields.Records(
        "columns", "The columns: {name: {generator: …}}.",
        [Generator, Start, Step, Min, Max, Decimals, Mean, Deviation, Values, Weights, From, To, Every, Pattern, Chance,
        NullRatio],
        with => with);

    public static readonly StepKind Kind =
        StepKind.Extract("extract.generate", "Makes rows up, the same ones every time.")
        .Describe("For tests, samples and load: numbers, texts, moments and choices by chance, fixed by the seed.")
        .IsPure()
        .Alias("generate", "generate_data", "extract_generate")
        .Takes(Rows, Seed, Columns)
        .Example("A thousand orders", """
            pipeline: orders
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 1000
                  seed: 7
                  columns:
                    id: {generator: sequence}
                    customer: {generator: text, pattern: "C-####"}
                    amount: {generator: normal, mean: 50, stddev: 12, decimals: 2}
                    quantity: {generator: uniform, min: 1, max: 9}
                    state: {generator: choice, values: [open, paid, sent], weights: [1, 5, 4]}
                    placed_at: {generator: timestamp, from: 2024-01-01, to: 2025-01-01}
                    express: {generator: flag, probability: 0.1, null_ratio: 0.05}
            """)
        .Scans(step =>
        {
            var rows = step.Get(Rows);
            var items = step.Get(Columns).Select(column =>
                $"{Nulled(column.Value, new Chances(step.Get(Seed), column.Key))} AS {Sql.Name(column.Key)}");
            return new ScanPlan($"SELECT {string.Join(", ", items)} FROM range({Sql.Number(rows)}) AS _rows(_i)", rows);
        });

    /// <summary>Chance as a hash: independent of the order in which rows are made. Every draw has a key of its own that
    /// goes through the hash together with the row's number; hashes that are only combined afterwards would depend on
    /// each other.</summary>
    private readonly record struct Chances(long Seed, string Column)
    {
        public string Bits(int draw)
        {
            var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}/{draw}/{Column}"));
            return $"hash(xor(_i, {Sql.Number(BitConverter.ToInt64(key) >> 1)}))";
        }

        /// <summary>0 (inclusive) to 1 (exclusive), 53 bits of it.</summary>
        public string Unit(int draw) => $"(({Bits(draw)} >> 11)::DOUBLE * 1.1102230246251565e-16)";
    }

    private static string Nulled(With with, Chances chances) => with.Get(NullRatio) is > 0 and var ratio
        ? $"CASE WHEN {chances.Unit(99)} >= {Sql.Number(ratio)} THEN {Value(with, chances)} END"
        : Value(with, chances);

    private static string Value(With with, Chances chances) => with.Get(Generator) switch
    {
        "sequence" => $"({Sql.Number(with.Get(Start))} + _i * {Sql.Number(with.Get(Step))})::BIGINT",
        "uniform" => Uniform(with, chances),
        "normal" => Rounded(with, $"{Sql.Number(with.Get(Mean))} + {Sql.Number(with.Get(Deviation))} "
            + $"* sqrt(-2 * ln(1 - {chances.Unit(0)})) * cos(2 * pi() * {chances.Unit(1)})"),
        "choice" => Choice(with, chances),
        "timestamp" => Moment(with, chances),
        "flag" => $"{chances.Unit(0)} < {Sql.Number(with.Get(Chance))}",
        _ => Patterned(with.Get(Pattern), chances),
    };

    private static string Uniform(With with, Chances chances)
    {
        var (min, max) = (with.Get(Min), with.Get(Max));
        if (min > max) throw StepFaults.Conflict($"column '{chances.Column}': min is {min}, more than max, {max}.");
        if (with.Get(Decimals) is { } decimals and not 0)
            return $"round({Sql.Number(min)} + {Sql.Number(max - min)} * {chances.Unit(0)}, {Sql.Number(decimals)})";
        var (low, high) = ((long)Math.Ceiling(min), (long)Math.Floor(max));
        if (low > high) throw StepFaults.Conflict(
            $"column '{chances.Column}': no whole number lies between {min} and {max}.");
        var width = ((UInt128)(high - (Int128)low) + 1).ToString(CultureInfo.InvariantCulture);
        return $"({Sql.Number(low)} + ({chances.Bits(0)} % {width})::HUGEINT)::BIGINT";
    }

    private static string Rounded(With with, string value) =>
        with.Get(Decimals) is { } decimals ? $"round({value}, {Sql.Number(decimals)})" : $"({value})";

    private static string Choice(With with, Chances chances)
    {
        var (values, weights) = (with.Get(Values), with.Get(Weights));
        if (values.IsEmpty) throw StepFaults.Conflict($"column '{chances.Column}': choice needs 'values'.");
        var list = $"[{string.Join(", ", values.Select(Literal.Of))}]";
        if (weights.IsEmpty) return $"{list}[1 + ({chances.Bits(0)} % {values.Length})::BIGINT]";
        var total = weights.Sum();
        if (weights.Length != values.Length || weights.Any(weight => weight < 0) || total <= 0)
            throw StepFaults.Conflict(
                $"column '{chances.Column}': 'weights' needs one number of 0 or more for each value.");
        var (reached, cases) = (0.0, new List<string>());
        for (var i = 0; i < values.Length - 1; i++)
        {
            reached += weights[i];
            cases.Add($"WHEN {chances.Unit(0)} < {Sql.Number(reached / total)} THEN {i + 1}");
        }

        return cases.Count == 0 ? $"{list}[1]" : $"{list}[CASE {string.Join(" ", cases)} ELSE {values.Length} END]";
    }

    private static string Moment(With with, Chances chances)
    {
        var from = with.Get(From) ?? throw StepFaults.Conflict($"column '{chances.Column}': timestamp needs 'from'.");
        var first = $"CAST({Sql.Text(from)} AS TIMESTAMP)";
        if (with.Get(Every) is { } every) return $"{first} + _i * CAST({Sql.Text(every)} AS INTERVAL)";
        var to = with.Get(To)
            ?? throw StepFaults.Conflict($"column '{chances.Column}': timestamp needs 'to' or 'every'.");
        // Whole seconds: nobody reads made-up microseconds.
        var seconds = $"epoch(CAST({Sql.Text(to)} AS TIMESTAMP) - {first})";
        return $"{first} + to_seconds(floor({chances.Unit(0)} * {seconds})::BIGINT)";
    }

    private static string Patterned(string pattern, Chances chances)
    {
        var parts = new List<string>();
        var text = "";
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] is not ('#' or '?'))
            {
                text += pattern[i];
                continue;
            }

            if (text.Length > 0) parts.Add(Sql.Text(text));
            text = "";
            parts.Add(pattern[i] == '#' ? $"chr(48 + ({chances.Bits(i)} % 10)::INTEGER)"
                : $"chr(65 + ({chances.Bits(i)} % 26)::INTEGER)");
        }

        if (text.Length > 0 || parts.Count == 0) parts.Add(Sql.Text(text));
        return $"({string.Join(" || ", parts)})";
    }
}
