namespace OrleansEtl.Steps.Tests;

/// <summary>Small data written as text, and one step over it.</summary>
internal static class Table
{
    /// <summary>Runs one step over a table: its CSV text and the types of its columns, as <c>a integer; b
    /// varchar</c>.</summary>
    public static Ran Through(Home home, string types, string csv, string kind, string with)
    {
        home.Write("table.csv", csv);
        return home.Run(
            "pipeline: test\nsteps:\n"
            + "  - {id: data, kind: extract.csv, with: {path: table.csv, header: true, columns: {" + Columns(types)
            + "}}}\n"
            + "  - {id: step, kind: " + kind + ", depends_on: [data], with: " + with.ReplaceLineEndings(" ") + "}\n");
    }

    /// <summary><c>a integer; b decimal(18,2)</c> as YAML's <c>a: "integer", …</c>.</summary>
    public static string Columns(string types) => string.Join(", ", types.Split(';', StringSplitOptions.TrimEntries)
        .Select(one => one.Split(' ', 2)).Select(pair => $"{pair[0]}: \"{pair[1]}\""));
}
