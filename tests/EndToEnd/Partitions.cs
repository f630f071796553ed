using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Steps that run for each partition, from the command line.</summary>
[Trait("category", "slow")]
public class Partitions
{
    [Fact]
    public async Task One_partition_that_failed_runs_again_by_its_key_and_parts_of_the_interval_are_days()
    {
        using var play = new Playground();
        play.Write("orders.csv", "country,amount\nDE,1\nAT,2\nDE,3\n,4\n");
        play.Write("p.yaml", """
            pipeline: parts
            steps:
              - { id: orders, kind: extract.csv, with: { path: orders.csv, header: true, null_values: [""], columns: { country: text, amount: integer } } }
              - id: files
                kind: load.csv
                depends_on: [orders]
                for_each: { partitions: { dataset: orders, by: country }, on_item_failure: continue }
                retry: 0
                with: { path: "out/{{ item.key }}/orders.csv" }
              - id: days
                kind: flow.noop
                for_each: { partitions: { from: "{{ run.interval.start }}", to: "{{ run.interval.end }}", every: 1d, time_zone: Europe/Berlin } }
            """);
        Directory.CreateDirectory(play["out"]);
        play.Write("out/country=DE", "in the way");
        (await play.Etl("validate", "p.yaml")).With(0);
        (await play.Etl("run", "p.yaml", "--interval-start", "2026-03-27T23:00Z", "--interval-end", "2026-03-30T12:00Z")).With(8);
        Assert.Equal(["country=AT succeeded", "country=DE failed", "country=__HIVE_DEFAULT_PARTITION__ succeeded"], await Items(play, "files"));
        Assert.Equal(
            ["2026-03-28T00:00:00+01:00 succeeded", "2026-03-29T00:00:00+01:00 succeeded", "2026-03-30T00:00:00+02:00 succeeded"], await Items(play, "days"));

        File.Delete(play["out/country=DE"]);
        File.Delete(play["out/country=AT/orders.csv"]);
        var again = (await play.Etl("rerun", "last", "--step", "files", "--items", "country=DE", "-o", "json")).With(0).Json;
        var counts = again.GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("id").GetString() == "files").GetProperty("items");
        Assert.Equal((3, 2), (counts.GetProperty("succeeded").GetInt32(), counts.GetProperty("reused").GetInt32()));
        Assert.Equal(["country,amount", "DE,1", "DE,3"], File.ReadAllLines(play["out/country=DE/orders.csv"]));
        Assert.False(File.Exists(play["out/country=AT/orders.csv"]));
        Assert.Equal(["country,amount", ",4"], File.ReadAllLines(play["out/country=__HIVE_DEFAULT_PARTITION__/orders.csv"]));
    }

    private static async Task<string[]> Items(Playground play, string step)
    {
        var page = (await play.Etl("runs", "items", "last", step, "-o", "json")).With(0).Json;
        return [.. page.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("key").GetString()} {item.GetProperty("status").GetString()}")];
    }
}
