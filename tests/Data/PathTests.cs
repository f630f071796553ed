using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Data.Tests;

public sealed class PathTests : IDisposable
{
    private readonly Place _place = new();
    private readonly PathRules _rules;

    public PathTests()
    {
        foreach (var file in new[]
            { "pipe/a.csv", "pipe/b.csv", "pipe/.hidden.csv", "pipe/sub/c.csv", "pipe/sub/deep/d.csv", "pipe/flights.csv", "pipe/x[1].csv",
              "cache/big.parquet", "extra/e.csv", "outside/secret.csv" })
        {
            var path = Path.Combine(_place.Root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "a\n1\n");
        }

        Link("pipe/out.csv", "../outside/secret.csv");
        Link("pipe/outdir", In("outside"));
        Link("pipe/inside.csv", "sub/c.csv");
        Link("pipe/indir", "sub");
        Link("pipe/dangling.csv", In("outside/new.csv"));
        Link("pipe/loop", "loop");
        Link("pipe/twice", "outdir");
        Link("linked-pipe", "pipe");
        _rules = new PathRules(In("linked-pipe"), In("cache"), [new PathRoot("the setting", In("extra"))]);
    }

    private string In(string relative) => Path.Combine(_place.Root, relative);

    private void Link(string at, string target) => File.CreateSymbolicLink(In(at), target);

    [Theory]
    [InlineData("a.csv", "pipe/a.csv")]
    [InlineData("./sub/../a.csv", "pipe/a.csv")]
    [InlineData("inside.csv", "pipe/sub/c.csv")]
    [InlineData("indir/c.csv", "pipe/sub/c.csv")]
    [InlineData("cache:big.parquet", "cache/big.parquet")]
    [InlineData("cache:/big.parquet", "cache/big.parquet")]
    [InlineData("[ab].csv", "pipe/a.csv,pipe/b.csv")]
    [InlineData("[!a].csv", "pipe/b.csv")]
    [InlineData("?.csv", "pipe/a.csv,pipe/b.csv")]
    [InlineData("sub/*", "pipe/sub/c.csv")]
    [InlineData("sub/**/*.csv", "pipe/sub/c.csv,pipe/sub/deep/d.csv")]
    [InlineData("**/d.csv", "pipe/sub/deep/d.csv")]
    [InlineData("s*/d*/*.csv", "pipe/sub/deep/d.csv")]
    [InlineData("cache:*.parquet", "cache/big.parquet")]
    [InlineData(".hid*.csv", "pipe/.hidden.csv")]
    [InlineData("x[[]1].csv", "pipe/x[1].csv")]
    public void A_path_inside_is_found(string path, string expected) =>
        Assert.Equal(expected.Split(',').Select(In), _rules.Read(path));

    [Fact]
    public void An_absolute_path_inside_is_found() => Assert.Equal([In("extra/e.csv")], _rules.Read(In("extra/e.csv")));

    [Theory]
    [InlineData("/etc/passwd", DataCodes.PathOutside)]
    [InlineData("../outside/secret.csv", DataCodes.PathOutside)]
    [InlineData("sub/../../outside/secret.csv", DataCodes.PathOutside)]
    [InlineData("out.csv", DataCodes.PathOutside)]
    [InlineData("outdir/secret.csv", DataCodes.PathOutside)]
    [InlineData("twice/secret.csv", DataCodes.PathOutside)]
    [InlineData("outdir/*.csv", DataCodes.PathOutside)]
    [InlineData("out*.csv", DataCodes.PathOutside)]
    [InlineData("*/secret.csv", DataCodes.PathOutside)]
    [InlineData("../**/secret.csv", DataCodes.PathOutside)]
    [InlineData("/**", DataCodes.PathOutside)]
    [InlineData("/etc/*", DataCodes.PathOutside)]
    [InlineData("loop", DataCodes.PathOutside)]
    [InlineData("cache:../outside/secret.csv", DataCodes.PathOutside)]
    [InlineData("cache:/../../etc/passwd", DataCodes.PathOutside)]
    [InlineData("http://localhost/x.csv", DataCodes.PathIsUrl)]
    [InlineData("s3://bucket/x.csv", DataCodes.PathIsUrl)]
    [InlineData("file:///etc/passwd", DataCodes.PathIsUrl)]
    [InlineData("HTTPS:x", DataCodes.PathIsUrl)]
    [InlineData("", DataCodes.PathInvalid)]
    [InlineData("a\0b", DataCodes.PathInvalid)]
    [InlineData("none.csv", DataCodes.FileMissing)]
    [InlineData("none*.csv", DataCodes.FileMissing)]
    [InlineData("sub", DataCodes.PathWrongKind)]
    public void Everything_else_is_refused(string path, string code)
    {
        var fault = Assert.Throws<FaultException>(() => _rules.Read(path, "steps[0].with.path")).Fault;
        Assert.Equal((code, "steps[0].with.path"), (fault.Code, fault.Path ?? "steps[0].with.path"));
        if (code == DataCodes.PathOutside && path != "loop")
        {
            Assert.Contains("the pipeline's folder", fault.Message);
            Assert.Contains("paths.allow", fault.Hint);
        }
    }

    [Fact]
    public void A_missing_file_is_answered_with_the_nearest() =>
        Assert.Equal("Did you mean 'flights.csv'?", Assert.Throws<FaultException>(() => _rules.Read("fligths.csv")).Fault.Hint);

    [Theory]
    [InlineData("new.csv", "pipe/new.csv")]
    [InlineData("new/deep/x.csv", "pipe/new/deep/x.csv")]
    [InlineData("indir/new.csv", "pipe/sub/new.csv")]
    [InlineData("a.csv", "pipe/a.csv")]
    public void A_file_can_be_written_inside(string path, string expected) => Assert.Equal(In(expected), _rules.Write(path));

    [Theory]
    [InlineData("dangling.csv")] [InlineData("outdir/new.csv")] [InlineData("../new.csv")] [InlineData("/tmp/new.csv")]
    [InlineData("out.csv")]
    [InlineData("sub")] [InlineData("new/")] [InlineData("x*.csv")] [InlineData("s3://b/x.csv")]
    public void And_nowhere_else(string path) => Assert.Throws<FaultException>(() => _rules.Write(path));

    [Theory]
    [InlineData("kept/a.parquet")] [InlineData("./sub/../kept/deep/a.parquet")] [InlineData("store.db")] [InlineData("to-kept/a.parquet")]
    public void Nor_where_the_system_keeps_its_own(string path)
    {
        Link("pipe/to-kept", "kept");
        var rules = new PathRules(In("pipe"), In("cache"), [], kept: [In("pipe/kept"), In("pipe/store.db")]);
        Assert.Equal(DataCodes.PathOutside, Assert.Throws<FaultException>(() => rules.Write(path)).Fault.Code);
        Assert.Equal(In("pipe/kept2.db"), rules.Write("kept2.db"));
    }

    [Fact]
    public void DuckDB_takes_a_name_with_brackets_as_a_name()
    {
        var odd = _place.At("o[1]*?.csv");
        File.WriteAllText(odd, "a\n1\n2\n");
        using var session = _place.Session();
        Assert.Equal(2, session.Count($"SELECT count(*) FROM read_csv({Sql.File(odd)})"));
    }

    public void Dispose() => _place.Dispose();
}
