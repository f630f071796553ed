namespace OrleansEtl.Cli.Output;

/// <summary>Rows for people or for a pipe. On a terminal: aligned columns. Elsewhere: the same columns separated by tabs, no colours,
/// nothing shortened.</summary>
internal sealed class Table(params string[] heads)
{
    private const int CellWidthMax = 60;
    private readonly List<Cell[]> _rows = [];

    public Table Row(params Cell[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void Print(Terminal terminal)
    {
        if (terminal.DataIsTerminal) PrintAligned(terminal); else PrintTabs(terminal.Data);
    }

    private void PrintTabs(TextWriter data)
    {
        data.WriteLine(string.Join('\t', heads));
        foreach (var row in _rows) data.WriteLine(string.Join('\t', row.Select(c => OneLine(c.Plain ?? c.Text))));
    }

    private void PrintAligned(Terminal terminal)
    {
        var rows = _rows.Select(r => r.Select(c => c with { Text = Shorten(OneLine(c.Text)) }).ToArray()).ToList();
        var head = heads.Select((h, i) => new Cell(h, Ink.Faint, rows.Count > 0 && rows[0][i].IsNumber)).ToArray();
        rows.Insert(0, head);
        var widths = heads.Select((_, i) => rows.Max(r => r[i].Text.Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((c, i) => terminal.Paint(Pad(c, widths[i], isLast: i == heads.Length - 1), c.Ink));
            terminal.Data.WriteLine(string.Join("  ", cells));
        }
    }

    private static string Pad(Cell cell, int width, bool isLast) =>
        cell.IsNumber ? cell.Text.PadLeft(width) : isLast ? cell.Text : cell.Text.PadRight(width);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');

    private static string Shorten(string text) => text.Length <= CellWidthMax ? text : text[..(CellWidthMax - 1)] + "…";
}

/// <param name="Plain">What stands in a pipe instead, for programs.</param>
internal readonly record struct Cell(string Text, Ink Ink = Ink.None, bool IsNumber = false, string? Plain = null)
{
    public static implicit operator Cell(string? text) => new(text ?? "");
    public static Cell Number(string text) => new(text, IsNumber: true);
    public static Cell Count(long? count) => new(
        Words.Count(count), IsNumber: true, Plain: count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");
    public static Cell Bytes(long? bytes) => Count(bytes) with { Text = Words.Bytes(bytes) };
    public static Cell Of(StatusSign sign) => new($"{sign.Glyph} {sign.Word}", sign.Ink, Plain: sign.Word);

    /// <summary>In a pipe: seconds.</summary>
    public static Cell Duration(TimeSpan? duration) => new(
        Words.Duration(duration), IsNumber: true,
        Plain: duration?.TotalSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture) ?? "");
}
