using System.Collections.Immutable;
using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps.Sinks;

internal static class LoadPostgres
{
    private const string Promise =
        "One transaction: exactly once. It writes the rows and, in the table etl_loads of the same schema, the run, the "
        + "step, the attempt and their number. Readers see all or nothing; an attempt after the one that committed, "
        + "also after a lost answer, changes nothing and reports the recorded rows; an earlier attempt that wakes up "
        + "late changes nothing.";

    private static readonly WithField<string> Connection = Fields.Text(
        "connection", "The name of a connection, which the process that runs the step knows.");

    private static readonly WithField<string> Table = Fields.Text(
        "table", "schema.table or table, upper and lower case as in the database; a part with a dot stands in double "
        + "quotes.");

    private static readonly WithField<string> Mode = Fields.Choice(
        "mode", "append adds rows; upsert replaces those of the same key; replace takes the place of all rows.",
        "append", "upsert", "replace").Default("append");

    private static readonly WithField<ImmutableArray<string>> Key = Fields.Columns(
        "key", "For upsert: the columns that tell rows apart. The table needs a primary key or unique index on them.")
        .Optional();

    private static readonly WithField<bool> Create = Fields.Flag(
        "create", "Whether the table is made when it is missing, with columns for those of the input.").Default(true);

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Columns = Fields.Map(
        "columns", new FieldType.Column(), "Columns of the table, and the input's that go there. Default: all, by their "
        + "names.").Optional();

    public static readonly StepKind Kind = StepKind.Load("load.postgres", "Writes rows to a table of a Postgres database.")
        .Reads(InputArity.One, Fusing.Alone)
        .Describe("Rows that are added go straight into the table, by a binary COPY within the transaction. For upsert and "
            + "replace they go to a temporary table first; replace then deletes all rows and inserts the new ones, so "
            + "that rights, indexes and views stay. Columns that the input lacks get their default. Types must keep the "
            + "value: whole numbers go to wider ones (and to narrower ones while they fit), decimals to numeric, texts to text, enums and "
            + "uuid, lists to arrays, structs to jsonb. Rows that one key does not tell apart fail an upsert.")
        .Alias("load_postgres", "write_postgres")
        .Promises(Promise)
        .Takes(Connection, Table, Mode, Key, Create, Columns)
        .Example("Totals by customer", """
            pipeline: totals
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 100
                  columns:
                    customer: {generator: choice, values: [ann, bob, cid]}
                    amount: {generator: uniform, min: 1, max: 99}
              - id: totals
                kind: transform.aggregate
                depends_on: [orders]
                with: {by: customer, measures: {amount: sum(amount)}}
              - id: out
                kind: load.postgres
                depends_on: [totals]
                with: {connection: warehouse, table: shop.totals, mode: upsert, key: customer}
            """)
        .Sends(Plan);

    private static SendPlan Plan(StepCall step)
    {
        var name = step.Get(Table);
        if (TableName.Parse(name) is not { } table)
            throw new FaultException(new Fault(
                FaultKind.Invalid, StepCodes.FieldInvalid, $"'{name}' is not the name of a table.", "with.table",
                "For example shop.orders, or \"my.schema\".orders"));
        var mode = Enum.Parse<LoadMode>(step.Get(Mode), ignoreCase: true);
        var keys = step.Get(Key);
        if (mode == LoadMode.Upsert == keys.IsEmpty)
            throw StepFaults.Conflict(keys.IsEmpty ? "an upsert needs a 'key'." : $"'key' is for upsert; the mode is {step.Get(Mode)}.");
        return new SendPlan(
            $"SELECT * FROM {step.Input.From}", step.Get(Connection),
            new TableLoad(table, mode, keys, step.Get(Create), step.Get(Columns)));
    }
}
