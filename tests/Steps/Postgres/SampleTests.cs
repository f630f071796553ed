namespace OrleansEtl.Steps.Tests.Postgres;

public sealed class SampleTests(Warehouse warehouse)
{
    [Fact]
    public async Task The_warehouse_sample_sums_what_it_reads_and_may_run_again()
    {
        var folder = Repository();
        var database = await warehouse.Database(await File.ReadAllTextAsync(Path.Combine(folder, "orders.sql")));
        using var home = new Home(database.Connections);
        var yaml = await File.ReadAllTextAsync(Path.Combine(folder, "pipeline.yaml"));
        for (var i = 0; i < 2; i++) home.Run(yaml).Succeeded();
        Assert.Equal("0", await database.Scalar("""
            SELECT count(*) FROM (SELECT ordered_at::date, country, count(*), sum(amount) FROM shop.orders GROUP BY 1, 2
            EXCEPT SELECT day, country, orders, amount FROM shop.daily_totals) d
            """));
        Assert.Equal("2", await database.Scalar("SELECT count(*) FROM shop.etl_loads WHERE applied_at IS NOT NULL"));
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansEtl.sln"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, "samples", "warehouse");
    }
}
