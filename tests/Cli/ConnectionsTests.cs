using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Cli.Tests;

public sealed class ConnectionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-connections-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder, name), text);
        return Path.Combine(_folder, name);
    }

    private static string Fault(Dictionary<string, string> environment, string name) =>
        Assert.Throws<FaultException>(() => HostConnections.Of(() => environment).Find(name)).Fault.ToString();

    [Fact]
    public void A_connection_is_found_by_its_variable_then_in_the_file()
    {
        Write("secret", "Host=secret\n");
        var file = Write("c.yaml", "warehouse: Host=file\nlake: {file: secret}\n");
        var connections = HostConnections.Of(() => new Dictionary<string, string>
        {
            ["ETL_CONNECTION_MY_SHOP_EU"] = "Host=a", ["ETL_CONNECTION_WAREHOUSE"] = "Host=b", ["ETL_CONNECTIONS"] = file,
        });
        foreach (var name in new[] { "my-shop.eu", "warehouse", "lake" }) Assert.Equal(name, connections.Find(name).ToString());
    }

    [Fact]
    public void An_unknown_name_is_answered_with_those_that_are_known()
    {
        var environment = new Dictionary<string, string>
        {
            ["ETL_CONNECTION_SHOP"] = "Host=hush", ["ETL_CONNECTIONS"] = Write("c.json", """{"lake": "hush"}"""),
        };
        var said = Fault(environment, "sohp");
        Assert.Contains("(lake, shop)", said);
        Assert.Contains("ETL_CONNECTION_SOHP", said);
        Assert.DoesNotContain("hush", said);
    }

    [Fact]
    public void A_file_that_is_missing_or_wrong_is_named()
    {
        Assert.Contains("/nowhere/c.yaml", Fault(new() { ["ETL_CONNECTIONS"] = "/nowhere/c.yaml" }, "x"));
        Assert.Contains("c.yaml", Fault(new() { ["ETL_CONNECTIONS"] = Write("c.yaml", "[]") }, "x"));
    }
}
