namespace OrleansEtl.Definitions.Tests.Reading;

public class ConnectionsFileTests
{
    [Theory]
    [InlineData("warehouse: Host=x;Password=hush\nlake: {file: /run/secrets/lake}\n")]
    [InlineData("""{"warehouse": "Host=x;Password=hush", "lake": {"file": "/run/secrets/lake"}}""")]
    public void A_map_of_names_is_read_from_yaml_and_json(string text) => Assert.Equal(
        [new ConnectionEntry("warehouse", "Host=x;Password=hush", null), new ConnectionEntry("lake", null, "/run/secrets/lake")],
        ConnectionsFile.Read(text, "c.yaml").Value);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    public void An_empty_file_defines_nothing(string text) => Assert.Empty(ConnectionsFile.Read(text, "c.yaml").Value);

    [Theory]
    [InlineData("hush")]
    [InlineData("- hush")]
    [InlineData("a: [hush]")]
    [InlineData("a: {text: hush}")]
    [InlineData("a: ''\n# hush")]
    [InlineData("a: 'hush")]
    [InlineData("a: hush\na: hush")]
    public void What_is_no_such_map_is_refused_and_never_quoted(string text)
    {
        var fault = ConnectionsFile.Read(text, "c.yaml").Fault!;
        Assert.Equal("ETL3802", fault.Code);
        Assert.DoesNotContain("hush", fault.ToString());
    }
}
