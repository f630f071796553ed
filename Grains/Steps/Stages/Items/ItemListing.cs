using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Steps;

/// <summary>Writes down what a step runs for, once: every slice reads it, on whatever silo and after whatever crash, so that an item is the
/// same item for ever.</summary>
internal sealed class ItemListing(
    StageWork work, ItemWork.List list, DuckSession session, DatasetStore store, PathRules paths, StepOptions options,
    CancellationToken cancellation)
{
    private const string Nothing = "SELECT 0::BIGINT AS \"index\", '' AS \"key\", 'null' AS item WHERE FALSE";

    private readonly StepId _step = work.Steps[0].Id;
    private readonly Staging _staging = store.Stage(StagingKey.Of(work.Run.Value, work.Steps[0].Id.Value, work.Attempt.ToString()));
    private readonly List<IDisposable> _held = [];
    private string? _lines;

    public StageOutcome Write()
    {
        try
        {
            var file = _staging.NewFile("list");
            var select = list.Again is { } again ? NotDone(again) : All();
            var rows = session.Execute(
                $"COPY (SELECT (row_number() OVER (ORDER BY \"index\") - 1)::BIGINT AS position, * FROM {Sql.Nested(select)} ORDER BY \"index\") "
                + $"TO {Sql.Text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ItemRow.RowGroupRows})", cancellation);
            if (rows > options.ItemsMax) throw TooMany($"{rows}");
            var version = _staging.Seal(
                session, "list", new DatasetRef($"{work.Pipeline}/{_step}.list", work.Run.Value),
                [.. list.Inputs.Select(input => input.Dataset.Ref)], cancellation);
            if (list.Again is not { } earlier) return new StageOutcome.Listed(version, 0);
            var done = session.Count($"SELECT count(*) FROM {Sql.Nested(store.Select(earlier.Items))} WHERE status = 'succeeded'", cancellation);
            return new StageOutcome.Listed(version, (int)done, (int)(earlier.Items.Rows - done - rows));
        }
        finally
        {
            foreach (var held in _held) held.Dispose();
            if (_lines is not null) File.Delete(_lines);
        }
    }

    /// <summary>The items: their place, their name, and what they are, as JSON.</summary>
    private string All() => list.From switch
    {
        ItemSource.Items => Listed((list.Of as SpecValue.List ?? throw NoList()).Items.Select(item => (KeyOf(item), item))),
        ItemSource.Files => Files(),
        ItemSource.Range => Range(),
        ItemSource.Dataset => Rows(Open(list.Inputs[0]).Select),
        ItemSource.Query => Rows(Query(((SpecValue.Text)list.Of).Value)),
        ItemSource.Partitions => PartitionFields.AreOfTime(list.Of) ? Parts((SpecValue.Map)list.Of) : Partitions(list.Inputs[0]),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private string Files()
    {
        var patterns = list.Of is SpecValue.List many ? many.Items.Select(one => one.ToPlainText()) : [list.Of.ToPlainText()];
        var files = patterns.SelectMany(pattern => paths.Read(pattern, "for_each.files")).Distinct(StringComparer.Ordinal);
        return Listed(files.Select(path => ((string?)path, (SpecValue)new SpecValue.Map([
            new("path", new SpecValue.Text(path)), new("name", new SpecValue.Text(Path.GetFileName(path))),
            new("bytes", new SpecValue.Integer(new FileInfo(path).Length)),
        ]))));
    }

    private string Range()
    {
        var (from, to) = list.Of is SpecValue.Map map ? (Whole(map["from"]), Whole(map["to"])) : (0, Whole(list.Of) - 1);
        if (to >= from && to - (Int128)from >= options.ItemsMax) throw TooMany($"{to - (Int128)from + 1}");
        return to < from ? Nothing
            : $"SELECT (i - {Sql.Number(from)})::BIGINT AS \"index\", i::VARCHAR AS \"key\", i::VARCHAR AS item "
                + $"FROM range({Sql.Number(from)}, {Sql.Number(to)} + 1) AS _all(i)";
    }

    /// <summary>A query sees the datasets under the names of the steps that give them.</summary>
    private string Query(string query)
    {
        _ = SqlCheck.Select(session, query, [.. list.Inputs.Select(input => input.Name)], "for_each.query").OrThrow();
        var inputs = list.Inputs.Select(input => $"{Sql.Name(input.Name)} AS NOT MATERIALIZED {Sql.Nested(Open(input).Select)}").ToArray();
        return inputs is [] ? query : $"WITH {string.Join(", ", inputs)}\nSELECT * FROM {Sql.Nested(query)}";
    }

    private string Rows(string select)
    {
        var hasKey = session.Describe(select, cancellation).Any(column => column.Name == "key");
        var at = "(row_number() OVER () - 1)::BIGINT";
        return $"SELECT {at} AS \"index\", {(hasKey ? "_row.\"key\"::VARCHAR" : $"{at}::VARCHAR")} AS \"key\", to_json(_row)::VARCHAR AS item "
            + $"FROM {Sql.Nested(select)} AS _row";
    }

    private DatasetReading Open(InputBinding input)
    {
        var reading = store.Open(input.Dataset, cancellation);
        _held.Add(reading);
        return reading;
    }

    /// <summary>Of a dataset.</summary>
    private string Partitions(InputBinding input)
    {
        var by = PartitionFields.ByOf(list.Of);
        var faults = PartitionFields.SameNames(by).ToList();
        var known = input.Dataset.Columns.ToLookup(column => column.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var name in by)
            if (known[name].FirstOrDefault() is not { } column)
                faults.Add(StepFaults.NoColumn(name, new StepInput(input.Name, "", input.Dataset.Columns)).Fault);
            else if (!PartitionKey.CanTell(column))
                faults.Add(new Fault(FaultKind.Invalid, StepCodes.ItemsNotListed, $"by: expected columns of plain values, found '{name}', {column.Type}.",
                    Hint: "Take it apart, or turn it into a text, in a step before."));
        if (faults.Count > 0) throw AllOf(faults, faults[0].Code, "for_each.partitions.by");
        ImmutableArray<Column> columns = [.. by.Select(name => known[name].First() with { Name = name })];
        var rows = Open(input).Select;
        if (input.Dataset.Rows > options.ItemsMax && session.Count(PartitionKey.Estimate(rows, columns), cancellation) is var about
            && about / 2 > options.ItemsMax) throw TooMany($"about {about}");
        return PartitionKey.Select(rows, columns);
    }

    /// <summary>Of a time.</summary>
    private string Parts(SpecValue.Map of)
    {
        var faults = new List<Fault>();
        if (TimePartitions.Read(of, faults) is not { } time)
            throw AllOf(faults, StepCodes.ItemsNotListed, "for_each.partitions");
        var all = time.All().Take(options.ItemsMax + 1).ToList();
        if (all.Count > options.ItemsMax) throw TooMany($"more than {options.ItemsMax}");
        return Listed(all.Select(one => ((string?)Instants.Text(one.Start, time.Zone), (SpecValue)new SpecValue.Map(
        [
            new(PartitionFields.Start, new SpecValue.Text(Instants.Text(one.Start))), new(PartitionFields.End, new SpecValue.Text(Instants.Text(one.End))),
        ]))));
    }

    /// <summary>By way of a file: a text of SQL with a million values in it is no query any more.</summary>
    private string Listed(IEnumerable<(string? Key, SpecValue Item)> items)
    {
        _lines = _staging.NewFile("given");
        File.WriteAllLines(_lines, items.Select((item, index) => new SpecValue.Map(
        [
            new("index", new SpecValue.Integer(index)), new("key", new SpecValue.Text(item.Key ?? index.ToString(CultureInfo.InvariantCulture))),
            new("item", new SpecValue.Text(item.Item.ToJson())),
        ]).ToJson()));
        return $"SELECT * FROM read_json({Sql.File(_lines)}, format='newline_delimited', "
            + $"columns={{\"index\": 'BIGINT', \"key\": 'VARCHAR', item: 'VARCHAR'}}, maximum_object_size={Sql.Number(options.LineBytesMax)})";
    }

    /// <summary>Those of an earlier run that did not succeed, or that somebody names.</summary>
    private string NotDone(ItemsAgain again)
    {
        var items = Sql.Nested(store.Select(again.Items));
        if (again.Keys.IsEmpty) return $"SELECT \"index\", \"key\", item FROM {items} WHERE status <> 'succeeded'";
        var wanted = $"\"key\" IN ({string.Join(", ", again.Keys.Select(Sql.Text))})";
        var found = session.Count($"SELECT count(DISTINCT \"key\") FROM {items} WHERE {wanted}", cancellation);
        if (found < again.Keys.Length) throw Wrong($"{again.Keys.Length - found} of the keys {string.Join(", ", again.Keys)} name no item of the earlier run");
        if (session.Scalar($"SELECT \"key\" FROM {items} WHERE {wanted} AND status = 'succeeded' LIMIT 1", cancellation) is string done)
            throw Wrong($"item {done} succeeded; what it gave is in the datasets of all items already");
        return $"SELECT \"index\", \"key\", item FROM {items} WHERE {wanted}";
    }

    private static string? KeyOf(SpecValue item) => item switch
    {
        SpecValue.Text text => text.Value,
        SpecValue.Map map when map["key"] is { } key and not SpecValue.Null => key.ToPlainText(),
        _ => null,
    };

    private static long Whole(SpecValue? value) => value is SpecValue.Integer whole ? whole.Value
        : throw new FaultException(new Fault(
            FaultKind.Invalid, StepCodes.ItemsNotListed, $"range: expected a whole number, found {value?.ToJson() ?? "nothing"}.", "for_each.range"));

    private FaultException NoList() => new(new Fault(
        FaultKind.Invalid, StepCodes.ItemsNotListed, $"items: expected a list, found {Excerpt.Of(list.Of.ToJson(), 100)}.", "for_each.items"));

    private static FaultException AllOf(List<Fault> faults, string code, string path) => new(new Fault(
        FaultKind.Invalid, code, string.Join(' ', faults.Select(fault => fault.Message)), path,
        faults.Select(fault => fault.Hint).FirstOrDefault(hint => hint is not null)));

    private FaultException TooMany(string items) => new(new Fault(
        FaultKind.Invalid, StepCodes.ItemsTooMany, $"{items} items; a step runs for at most {options.ItemsMax}.",
        Hint: "Let each item stand for several: a day, a folder, a range of keys."));

    private static FaultException Wrong(string what) => new(new Fault(
        FaultKind.Invalid, StepCodes.ItemsNotThere, $"{what}.", Hint: "See the items with: etl runs items RUN STEP --status failed"));
}
