using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>The parameters of a statement in their order, each an array: a column of the rows that the statement is about.</summary>
internal sealed class Columns(NpgsqlParameterCollection parameters)
{
    private int _next;

    public void Add<T>(T value)
    {
        if (_next == parameters.Count) parameters.Add(new NpgsqlParameter<T>());
        ((NpgsqlParameter<T>)parameters[_next++]).TypedValue = value;
    }

    /// <summary>The column of what was selected of each row.</summary>
    public void Add<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> select)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++) column[i] = select(rows[i]);
        Add(column);
    }
}
