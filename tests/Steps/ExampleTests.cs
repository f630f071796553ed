namespace OrleansEtl.Steps.Tests;

/// <summary>The examples are the manual: each runs as it stands, in an empty folder.</summary>
public sealed class ExampleTests(Warehouse warehouse) : IDisposable
{
    private readonly Service _service = new(_ => Service.Answer(200, "{}"));

    public void Dispose() => _service.Dispose();

    public static TheoryData<string> Kinds => [.. StepCatalog.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_example_runs_and_gives_its_rows(string name)
    {
        var kind = StepCatalog.Find(name)!;
        Assert.NotEmpty(kind.Spec.Examples);
        foreach (var example in kind.Spec.Examples)
        {
            using var home = await Home(name);
            var ran = home.Run(example.Yaml).Succeeded();
            var shown = ran.View.Steps.Where(step => step.Kind == name).ToArray();
            Assert.NotEmpty(shown);
            if (kind.Spec.Category != StepCategory.Flow && name != "http.request") Assert.True(Assert.Single(shown).RowsOut > 0, example.Title);
        }
    }

    /// <summary>Those that speak to a database or a service find one, with what their examples name in it.</summary>
    private async Task<Home> Home(string kind) => kind == "http.request" ? _service.Home() : kind is "extract.sql" or "load.postgres"
        ? new Home(await warehouse.Connections("""
            CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint, customer text, amount numeric(10,2), ordered_at timestamp);
            INSERT INTO shop.orders VALUES (1, 'ann', 9.5, '2026-01-31 12:00')
            """))
        : new Home(AllowedPrograms.Of(kind == "process" ? ["sh"] : [], "/usr/bin:/bin"));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_says_what_it_is(string name)
    {
        var spec = StepCatalog.Find(name)!.Spec;
        Assert.EndsWith(".", spec.Summary);
        Assert.All(spec.Fields, field =>
            Assert.True(field.Summary.Length > 5 && field.Summary.EndsWith('.'), field.Name));
        Assert.Equal(spec.Fields.Length, spec.Fields.SelectMany(field => field.Aliases.Prepend(field.Name)).Distinct()
            .Count()
            - spec.Fields.Sum(field => field.Aliases.Length));
    }
}
