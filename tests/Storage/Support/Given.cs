using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace OrleansEtl.Storage.Tests;

/// <summary>Short words for what the tests say all the time.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, 456, TimeSpan.Zero);

    /// <summary>The SQL that made the stores of the first version.</summary>
    public static string FirstMigration(string store)
    {
        using var sql = typeof(IStore).Assembly.GetManifestResourceStream($"OrleansEtl.Storage.{store}.Migrations.0001_start.sql")!;
        return new StreamReader(sql).ReadToEnd();
    }

    public static RunId Run(int number)
    {
        var entropy = new byte[10];
        BinaryPrimitives.WriteInt32BigEndian(entropy, number);
        return RunId.New(Noon.AddSeconds(number), entropy);
    }

    public static RunRow Row(RunId run, RunStatus status = RunStatus.Running) => new(
        run, "orders", "v1", status, run.StartedAt(), status.IsTerminal() ? run.StartedAt().AddMinutes(1) : null, 3, 0,
        null, null, null, null);

    public static RunAppend Append(RunId run, long expectedVersion, params string[] events) => new(
        Guid.NewGuid(), run, expectedVersion, [.. events.Select(Bytes)], null, Row(run), [], [], null);

    public static RunAppend End(RunId run, long expectedVersion, RunStatus status = RunStatus.Succeeded) =>
        Append(run, expectedVersion, "ended") with { Row = Row(run, status) };

    public static StepRow Step(RunId run, string id, int position, StepStatus status = StepStatus.Running) =>
        new(run, new StepId(id), position, "transform.sql", status, 1, Noon, null, null, null, null, null);

    public static DatasetRow Dataset(RunId run, string name, string version, string manifest = "manifest") =>
        new(name, version, run, new StepId("load"), 10, 1_000, Noon, Bytes(manifest));

    public static ResultRow Result(RunId run, string key, DateTimeOffset at, string results = "results") =>
        new(key, run, at, Bytes(results));

    public static Driver Driver(string id, int process, string host = "here") =>
        new(id, host, process, "start " + process.ToString(CultureInfo.InvariantCulture), Noon);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
    public static string[] Texts(ImmutableArray<byte[]> events) => [.. events.Select(Text)];
    public static string[] Texts(ImmutableArray<StoredEvent> events) => [.. events.Select(one => Text(one.Bytes))];
}
