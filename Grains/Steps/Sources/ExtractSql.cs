using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps.Sources;

internal static class ExtractSql
{
    private static readonly WithField<string> Connection = Fields.Text(
        "connection", "The name of a connection, which the process that runs the step knows.");

    private static readonly WithField<string> Query = Fields.PostgresQuery(
        "query", "One statement that reads, in Postgres' SQL. Templates in it become literals.").Alias("sql");

    private static readonly WithField<long?> Timeout = Fields.Integer(
        "timeout_seconds", "The server ends the query after that time. Default: what the database sets.", 1, 604_800)
        .Optional();

    private static readonly WithField<long?> RowsMax = Fields.Integer(
        "rows_max", "More rows than this fail the step. Default: any number.", 1).Optional();

    public static readonly StepKind Kind = StepKind.Extract("extract.sql", "Reads rows of a Postgres database.")
        .Describe("The query runs in a transaction that only reads; it streams, whatever its size. Types become the "
            + "engine's of the same "
            + "name: numeric(p,s) a DECIMAL, json and jsonb JSON, arrays lists. What has no counterpart comes as text: "
            + "numeric without a precision (cast it in the query: sum(x)::numeric(18,2)), intervals, enums, network "
            + "addresses and others. Infinite dates and the numeric NaN fail the step. "
            + "The pipeline names a connection and never holds its secret: define it as the environment variable "
            + "ETL_CONNECTION_NAME, or in the file that ETL_CONNECTIONS names. Give it a role that may only read what "
            + "pipelines may see: a query can call any function that this role can.")
        .Alias("extract_sql", "extract.postgres")
        .Takes(Connection, Query, Timeout, RowsMax)
        .Example("Yesterday's orders", """
            pipeline: read-orders
            params:
              day: {type: date, default: 2026-01-31}
            steps:
              - id: orders
                kind: extract.sql
                with:
                  connection: warehouse
                  query: |
                    SELECT id, customer, amount FROM shop.orders
                    WHERE ordered_at::date = {{ params.day }}
            """)
        .Scans(Scan);

    private static ScanPlan Scan(ScanCall step)
    {
        var query = PostgresQuery.Open(
            step.Connect(step.Get(Connection)),
            new PostgresQueryText(step.Get(Query), (int?)step.Get(Timeout), step.Get(RowsMax)), step.Cancellation);
        return new ScanPlan($"SELECT * FROM {step.Feed(query)}");
    }
}
