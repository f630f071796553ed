using OrleansEtl.Data.Duck;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>DuckDB's own answers, asked without OrleansEtl's steps.</summary>
internal sealed class Answers : IDisposable
{
    private readonly DuckEngine _engine;
    private readonly DuckSession _session;

    public Answers(params string[] folders)
    {
        _engine = new DuckEngine(new DuckOptions(Path.Combine(folders[0], "spill"), [.. folders, Playground.Cache]));
        _session = _engine.Rent().AsTask().GetAwaiter().GetResult();
    }

    public long Count(string sql) => _session.Count(sql);

    /// <summary>All rows as text, sorted: the same for the same rows, whatever their order.</summary>
    public IReadOnlyList<string> Rows(string sql)
    {
        using var rows = _session.Query(sql);
        var all = new List<string>();
        while (rows.Read()) all.Add(string.Join('|', Enumerable.Range(0, rows.Columns.Length).Select(i => rows.IsNull(i) ? "∅" : rows.Text(i))));
        all.Sort(StringComparer.Ordinal);
        return all;
    }

    /// <summary>Names the rows of a query, whatever their order and whatever the last bits of sums of doubles.</summary>
    public string LogicalHash(string sql)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Rows(sql))));
        return Convert.ToHexStringLower(hash)[..16];
    }

    public void Dispose()
    {
        _session.Dispose();
        _engine.Dispose();
    }
}
