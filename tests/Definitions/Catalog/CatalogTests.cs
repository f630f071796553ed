using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions.Tests.Catalog;

public class CatalogTests
{
    private static readonly string Golden = Path.Combine(Files.Here, "Catalog", "golden");

    [Fact]
    public void The_schema_is_as_agreed() => Files.Golden(Path.Combine(Golden, "schema.json"), PipelineSchema.Render(SmallCatalog.Kinds));

    [Fact]
    public void The_schema_of_templates_is_as_agreed() =>
        Files.Golden(Path.Combine(Golden, "schema-templates.json"), TemplateSchema.Render(SmallCatalog.Kinds));

    [Theory]
    [InlineData("extract.csv")]
    [InlineData("transform.clean")]
    [InlineData("check.values")]
    [InlineData("load.parquet")]
    public void The_page_of_a_kind_is_as_agreed(string kind) =>
        Files.Golden(Path.Combine(Golden, kind + ".md"), KindPage.Render(SmallCatalog.Kinds.Find(kind)!));

    [Fact]
    public void The_list_of_kinds_is_as_agreed() => Files.Golden(Path.Combine(Golden, "index.md"), KindPage.Index(SmallCatalog.Kinds));

    [Fact]
    public void Every_reference_of_the_schema_leads_somewhere_and_every_kind_is_told_apart()
    {
        var schema = PipelineSchema.Of(SmallCatalog.Kinds);
        var definitions = schema["definitions"]!.AsObject();
        foreach (var reference in References(schema)) Assert.True(definitions.ContainsKey(reference["#/definitions/".Length..]), reference);
        var told = definitions["step"]!["allOf"]!.AsArray().Select(c => c!["if"]!["properties"]!["kind"]!["const"]!.ToString());
        Assert.Equal(SmallCatalog.Kinds.Kinds.Select(k => k.Name), told);
    }

    [Fact]
    public void Two_kinds_of_one_name_are_refused()
    {
        var kind = SmallCatalog.Kinds.Find("extract.csv")!;
        Assert.Throws<ArgumentException>(() => new KindCatalog([kind, kind]));
        Assert.Throws<ArgumentException>(() => new KindCatalog([kind, kind with { Name = "other" }]));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "$ref" ? [p.Value!.ToString()] : References(p.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };
}
