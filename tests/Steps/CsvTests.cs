using System.IO.Compression;
using System.Text;

namespace OrleansEtl.Steps.Tests;

public sealed class CsvTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Read(string with) =>
        _home.Run($"pipeline: test\nsteps:\n  - {{id: csv, kind: extract.csv, with: {{{with}}}}}\n");

    private Ran Read(string text, string with)
    {
        _home.Write("in.csv", text);
        return Read($"path: in.csv{(with.Length == 0 ? "" : ", ")}{with}");
    }

    private static void Adds(Ran ran) => Assert.Equal(ran["csv"].RowsIn, ran["csv"].RowsOut + ran["csv"].RowsRejected);

    [Fact]
    public void Types_are_inferred_and_empty_values_are_NULL()
    {
        var ran = Read("id,day,price,name\n1,2024-01-02,1.5,x\n2,2024-02-03,,\n", "").Succeeded();
        Assert.Equal(["BIGINT", "DATE", "DOUBLE", "VARCHAR"], ran.Dataset("csv").Columns.Select(column => column.Type));
        Assert.Equal(["1|2024-01-02|1.5|x", "2|2024-02-03|∅|∅"], ran.Rows("csv"));
    }

    [Theory]
    [InlineData("in/p.csv")]
    [InlineData("in/*.csv")]
    public void A_pipe_is_refused_instead_of_waited_for(string path)
    {
        _home.Write("in/a.csv", "id\n1\n");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [_home.At("in/p.csv")])) made.WaitForExit();
        foreach (var step in (string[])
            [$"{{id: csv, kind: extract.csv, with: {{path: {path}}}}}", $"{{id: csv, kind: extract.json, with: {{path: {path}}}}}",
             $"{{id: csv, kind: extract.csv, for_each: {{files: {path}}}, with: {{path: \"{{{{ item.path }}}}\"}}}}"])
        {
            var fault = _home.Run($"pipeline: test\nsteps:\n  - {step}\n").Fault("csv");
            Assert.Equal(Data.DataCodes.PathWrongKind, fault.Code);
            Assert.Contains("/in/p.csv, which is no plain file but a pipe", fault.Message);
        }
    }

    [Fact]
    public void Declared_columns_are_found_by_name_and_others_are_not_read()
    {
        var ran = Read("b,c,a\n1,2,3\n", "columns: {a: integer, b: varchar}").Succeeded();
        Assert.Equal(["a INTEGER", "b VARCHAR"],
            ran.Dataset("csv").Columns.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(["3|1"], ran.Rows("csv"));
    }

    [Fact]
    public void A_declared_column_that_is_not_there_is_named_with_the_nearest_one()
    {
        var fault = Read("order_id,amount\n1,2\n", "columns: {order_idd: integer}, header: true").Fault("csv");
        Assert.Equal(StepCodes.ColumnsDiffer, fault.Code);
        Assert.Contains("order_id, amount", fault.Message);
        Assert.Equal("Did you mean 'order_id'?", fault.Hint);
    }

    [Fact]
    public void Without_a_header_columns_are_taken_in_order()
    {
        Assert.Equal(["1|x", "2|y"], Read("1,x\n2,y\n", "header: false, columns: {a: integer, b: varchar}").Succeeded()
            .Rows("csv"));
        Assert.Equal(["1|x", "2|y"], Read("1,x\n2,y\n", "columns: {a: integer, b: varchar}").Succeeded().Rows("csv"));
    }

    [Theory]
    [InlineData("a;b\n1,5;x y\n", "delimiter: ';', decimal_separator: ',', columns: {a: double, b: varchar}",
        "1.5|x y")]
    [InlineData("a\tb\n1\t'x\ty'\n", "quote: \"'\", escape: \"'\", columns: {a: integer, b: varchar}", "1|x\ty")]
    [InlineData("a,b\n1,\"x\\\"y\"\n", "escape: \"\\\\\", columns: {a: integer, b: varchar}", "1|x\"y")]
    [InlineData("junk\n\na,b\n1,2\n", "skip: 1, columns: {a: integer, b: integer}", "1|2")]
    [InlineData("# note\na,b\n1,2\n", "comment: '#', columns: {a: integer, b: integer}", "1|2")]
    [InlineData("a,b\nNA,-\n", "null_values: [NA, '-'], columns: {a: integer, b: varchar}", "∅|∅")]
    [InlineData("a,b\n03.02.2024,03.02.2024 04:05\n",
        "date_format: '%d.%m.%Y', timestamp_format: '%d.%m.%Y %H:%M', columns: {a: date, b: timestamp}",
        "2024-02-03|2024-02-03 04:05:00")]
    [InlineData("a,b\r\n1,x\r\n", "columns: {a: integer, b: varchar}", "1|x")]
    [InlineData("a,b\n1,x\r\n", "columns: {a: integer, b: varchar}", "1|x")]
    [InlineData("\ufeffa,b\n1,x\n", "columns: {a: integer, b: varchar}", "1|x")]
    [InlineData("a||b\n1||x\n", "delimiter: '||', columns: {a: integer, b: varchar}", "1|x")]
    public void Dialects(string text, string with, string expected) =>
        Assert.Equal([expected], Read(text, with).Succeeded().Rows("csv"));

    [Fact]
    public void A_character_0_within_a_value_stays()
    {
        var ran = Read("a,b\n1,x\0y\n", "columns: {a: integer, b: varchar}").Succeeded();
        Assert.Equal(["3"], ran.Rows("csv", select: "SELECT length(b) FROM ({0})"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(5_000)]
    public void A_gzip_file_that_was_cut_off_fails_instead_of_passing_for_a_shorter_one(int missing)
    {
        var text = Encoding.UTF8.GetBytes("a\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i * 7919 % 100_003}\n")));
        using (var gz = new GZipStream(File.Create(_home.At("in.csv.gz")), CompressionLevel.Fastest)) gz.Write(text);
        Assert.Equal(20_000, Read("path: in.csv.gz").Succeeded()["csv"].RowsOut);
        File.WriteAllBytes(_home.At("in.csv.gz"), File.ReadAllBytes(_home.At("in.csv.gz"))[..^missing]);
        Assert.Equal("ETL5021", Read("path: in.csv.gz").Fault("csv").Code);
    }

    [Fact]
    public void A_gzip_file_of_several_members_is_whole()
    {
        using (var file = File.Create(_home.At("in.csv.gz")))
            foreach (var part in new[] { "a\n1\n", "2\n", "3\n" })
                using (var gz = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true)) gz.Write(Encoding.UTF8.GetBytes(part));
        Assert.Equal(["1", "2", "3"], Read("path: in.csv.gz").Succeeded().Rows("csv"));
    }

    [Fact]
    public void Latin_and_wide_encodings_and_compressed_files_are_read()
    {
        _home.Write("latin.csv", Encoding.Latin1.GetBytes("a,b\n1,Zürich\n"));
        Assert.Equal(["1|Zürich"], Read("path: latin.csv, encoding: latin-1, columns: {a: integer, b: varchar}")
            .Succeeded().Rows("csv"));
        _home.Write("wide.csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a,b\n1,Zürich\n")]);
        Assert.Equal(["1|Zürich"], Read("path: wide.csv, encoding: utf-16, columns: {a: integer, b: varchar}")
            .Succeeded().Rows("csv"));
        using (var gz = new GZipStream(File.Create(_home.At("in.csv.gz")), CompressionLevel.Fastest)) gz.Write(
            "a,b\n1,x\n"u8);
        Assert.Equal(["1|x"], Read("path: in.csv.gz").Succeeded().Rows("csv"));
    }

    [Fact]
    public void Malformed_rows_are_put_aside_with_file_line_column_text_and_reason()
    {
        var ran = Read("a,b\n1,x\nseven,y\n3\n4,z,extra\n5,w\n",
            "columns: {a: integer, b: varchar}, rejects_max_ratio: 1").Succeeded();
        Assert.Equal(["1|x", "5|w"], ran.Rows("csv"));
        Adds(ran);
        Assert.Equal(3, ran["csv"].RowsRejected);
        var rejects = ran.Rows(
            "csv", "rejects", "SELECT line, \"column\", raw, reason, file LIKE '%/in.csv' FROM ({0}) ORDER BY line");
        Assert.StartsWith("3|a|seven,y|", rejects[0]);
        Assert.Contains("seven", rejects[0]);
        Assert.StartsWith("4|b|3|", rejects[1]);
        Assert.StartsWith("5|∅|4,z,extra|", rejects[2]);
        Assert.All(rejects, reject => Assert.EndsWith("|true", reject));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_rejected_also_in_a_column_that_nobody_reads_further_on()
    {
        _home.Write("in.csv", "a,b\n1,x\n2,7\n3,8\n");
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: csv, kind: extract.csv, with: {path: in.csv, header: true, columns: {a: integer, b: integer}}}
              - {id: step, kind: transform.drop_columns, depends_on: [csv], with: {columns: [b]}}
            """).Succeeded();
        Assert.Equal(["2", "3"], ran.Rows("step"));
        Adds(ran);
        Assert.Equal(1, ran["csv"].RowsRejected);
    }

    [Theory]
    [InlineData("rejects_max: 1")]
    [InlineData("rejects_max_ratio: 0.25")]
    public void Too_many_malformed_rows_fail_the_step_and_are_kept(string limit)
    {
        var ran = Read("a\n1\nx\ny\n2\n3\n", "header: true, columns: {a: integer}, " + limit);
        var fault = ran.Fault("csv");
        Assert.Equal((StepCodes.RejectsTooMany, false), (fault.Code, fault.IsTransient));
        Assert.Contains("2 of 5 rows", fault.Message);
        Assert.Equal(2, ran.Dataset("csv", "rejects").Rows);
    }

    [Fact]
    public void A_million_columns_are_refused_at_once()
    {
        var names = string.Join(",", Enumerable.Range(0, 1_000_000).Select(i => $"c{i}"));
        foreach (var with in new[] { "", "columns: {c1: integer}", "delimiter: ','" })
        {
            var fault = Read(names + "\n" + names + "\n", with).Fault("csv");
            Assert.Equal(StepCodes.ColumnsTooMany, fault.Code);
            Assert.Contains("1000000", fault.Message);
        }
    }

    [Fact]
    public void An_empty_file_gives_no_rows_but_nothing_to_infer_from()
    {
        Assert.Equal((0L, 0L), (Read("", "columns: {a: integer}").Succeeded()["csv"].RowsOut!.Value, 0L));
        Assert.Equal(["a"], Read("a\n", "header: true, columns: {a: integer}").Succeeded()
            .Dataset("csv").Columns.Select(column => column.Name));
        Assert.Equal(StepCodes.FileInvalid, Read("", "").Fault("csv").Code);
        Assert.Equal(["a", "b"], Read("a,b\n", "header: true").Succeeded()
            .Dataset("csv").Columns.Select(column => column.Name));
    }

    [Fact]
    public void Files_of_a_pattern_are_joined_by_the_names_of_their_columns()
    {
        _home.Write("in/1.csv", "a,b\n1,x\n");
        _home.Write("in/2.csv", "b,a\ny,2\n");
        _home.Write("in/3.csv", "");
        var expected = new[] { "1|x|1.csv", "2|y|2.csv" };
        const string select = "SELECT a, b, parse_filename(file) FROM ({0}) ORDER BY a";
        Assert.Equal(expected, Read("path: 'in/*.csv', file_column: file, columns: {a: integer, b: varchar}")
            .Succeeded().Rows("csv", select: select));
        Assert.Equal(expected, Read("path: 'in/*.csv', file_column: file, header: true").Succeeded()
            .Rows("csv", select: select));
    }

    [Fact]
    public void Files_with_other_columns_than_the_first_are_refused_by_name()
    {
        _home.Write("in/1.csv", "a,b\n1,x\n");
        _home.Write("in/2.csv", "a,c\n2,y\n");
        var fault = Read("path: 'in/*.csv', header: true").Fault("csv");
        Assert.Equal(StepCodes.ColumnsDiffer, fault.Code);
        Assert.Contains("2.csv", fault.Message);
    }

    [Theory]
    [InlineData("path: nowhere.csv", "ETL4031")]
    [InlineData("path: ../../../etc/passwd", "ETL4301")]
    [InlineData("path: /etc/passwd", "ETL4301")]
    [InlineData("path: 'https://example.org/x.csv'", "ETL4302")]
    public void A_file_that_is_missing_or_outside_is_refused(string with, string code) =>
        Assert.Equal(code, Read(with).Fault("csv").Code);

    [Fact]
    public void Binary_rubbish_is_a_fault_and_never_a_crash()
    {
        var bytes = new byte[20_000];
        new Random(1).NextBytes(bytes);
        _home.Write("in.csv", bytes);
        foreach (var with in new[] { "path: in.csv", "path: in.csv, columns: {a: integer}",
            "path: in.csv, compression: gzip" })
            if (Read(with) is { View.Status: RunStatus.Failed } ran)
                Assert.Matches("^ETL", ran.Fault("csv").Code);
    }

    [Theory]
    [InlineData("comma_in_quotes", "John|Doe|120 any st.|Anytown, WW|08123")]
    [InlineData("escaped_quotes", "1|ha \"ha\" ha;3|4")]
    [InlineData("json", "1|{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}")]
    [InlineData("newlines", "1|2|3;7|8|9;Once upon \na time|5|6")]
    [InlineData("newlines_crlf", "1|2|3;7|8|9;Once upon \r\na time|5|6")]
    [InlineData("quotes_and_newlines", "1|ha \n\"ha\" \nha;3|4")]
    [InlineData("simple", "1|2|3")]
    [InlineData("simple_crlf", "1|2|3")]
    [InlineData("empty", "1|∅|∅;2|3|4")]
    [InlineData("empty_crlf", "1|∅|∅;2|3|4")]
    [InlineData("utf8", "1|2|3;4|5|ʤ")]
    public void Csv_spectrum(string name, string expected)
    {
        _home.Write("in.csv", Spectrum.Bytes(name));
        var columns = Spectrum.Header(name);
        foreach (var header in new[] { "header: true, ", "" })
        {
            var typed = Read($"path: in.csv, {header}columns: "
                + $"{{{string.Join(", ", columns.Select(column => $"{column}: varchar"))}}}").Succeeded();
            Assert.Equal(expected.Split(';'), typed.Rows("csv"));
            Adds(typed);
        }
    }
}
