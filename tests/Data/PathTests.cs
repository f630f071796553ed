using System.Diagnostics;
using System.Net.Sockets;
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
        _rules = new PathRules(In("linked-pipe"), In("cache"), [new PathRoot("the setting", In("extra")), new PathRoot("a device", "/dev/null")]);
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

    [Theory]
    [InlineData("x.fifo", "x.fifo", "a pipe")]
    [InlineData("to.fifo", "x.fifo", "a pipe")]
    [InlineData("*", "x.fifo", "a pipe")]
    [InlineData("x.*", "x.fifo", "a pipe")]
    [InlineData("to.*", "x.fifo", "a pipe")]
    [InlineData("x.sock", "x.sock", "a socket")]
    [InlineData("null", "/dev/null", "a device")]
    [InlineData("nul[l]", "/dev/null", "a device")]
    public void What_is_no_plain_file_is_named_and_never_opened(string path, string real, string what)
    {
        using var socket = Special();
        var fault = Assert.Throws<FaultException>(() => _rules.Read($"odd/{path}", "with.path")).Fault;
        Assert.Equal((FaultKind.Invalid, DataCodes.PathWrongKind, "with.path"), (fault.Kind, fault.Code, fault.Path));
        Assert.Contains($"'odd/{path}' leads to {Path.Combine(In("pipe/odd"), real)}, which is no plain file but {what};", fault.Message);
        Assert.NotNull(fault.Hint);
    }

    [Fact]
    public void A_look_does_not_see_what_is_no_plain_file()
    {
        using var socket = Special();
        File.WriteAllText(In("pipe/odd/a.csv"), "a\n1\n");
        foreach (var path in (string[])["odd", "odd/*", "odd/a.csv"])
        {
            var sight = _rules.Look(path, 10);
            Assert.Equal([In("pipe/odd/a.csv")], sight.Files.Select(file => file.Path));
            Assert.Equal(0, sight.LeftOut);
        }

        Assert.Empty(_rules.Look("odd/x.fifo", 10).Files);
        Assert.True(_rules.Allows(In("pipe/odd/a.csv")));
        Assert.False(_rules.Allows(In("pipe/odd/to.fifo")));
    }

    /// <summary>A pipe, a socket and a device in a folder, and links to them.</summary>
    private Socket Special()
    {
        Directory.CreateDirectory(In("pipe/odd"));
        using (var made = Process.Start("mkfifo", [In("pipe/odd/x.fifo")])) made.WaitForExit();
        Link("pipe/odd/to.fifo", "x.fifo");
        Link("pipe/odd/null", "/dev/null");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(In("pipe/odd/x.sock")));
        return socket;
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
