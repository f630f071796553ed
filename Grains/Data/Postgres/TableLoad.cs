using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

public enum LoadMode
{
    /// <summary>The rows are added.</summary>
    Append,
    /// <summary>Rows of the same key are replaced, the others added.</summary>
    Upsert,
    /// <summary>The rows take the place of all that were there.</summary>
    Replace,
}

/// <summary>How rows come into a table.</summary>
/// <param name="Keys">Columns by which rows are told apart; for upsert.</param>
/// <param name="Creates">Whether the table is made when there is none.</param>
/// <param name="Columns">Columns of the table and the columns of the rows that go there; empty: all, by their
/// names.</param>
public sealed record TableLoad(
    TableName Table, LoadMode Mode, ImmutableArray<string> Keys, bool Creates,
    ImmutableArray<KeyValuePair<string, string>> Columns);

/// <summary>Whose load it is: an attempt of a part of something. A part is loaded once, whatever its attempts
/// do.</summary>
public sealed record LoadOwner(string Run, string Step, int Attempt);

/// <summary>A table's name, exactly as it is in the database.</summary>
/// <param name="Schema">Null: the one that the database puts first.</param>
public sealed record TableName(string? Schema, string Table)
{
    /// <summary><c>schema.table</c> or <c>table</c>; a part in double quotes may hold dots. Upper and lower case are
    /// kept.</summary>
    public static TableName? Parse(string text)
    {
        var parts = Parts(text);
        return parts is null || parts.Exists(part => part.Length == 0 || part.Contains('\0')) ? null : parts switch
        {
            [var table] => new TableName(null, table),
            [var schema, var table] => new TableName(schema, table),
            _ => null,
        };
    }

    public string Quoted => Schema is null ? Sql.Name(Table) : $"{Sql.Name(Schema)}.{Sql.Name(Table)}";

    public override string ToString() => Schema is null ? Table : $"{Schema}.{Table}";

    private static List<string>? Parts(string text)
    {
        var parts = new List<string>();
        for (var at = 0; ; at++)
        {
            var part = "";
            if (at < text.Length && text[at] == '"')
            {
                for (at++; ; at++)
                {
                    if (at >= text.Length) return null;
                    if (text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"') at++;
                    else if (text[at] == '"') break;
                    part += text[at];
                }

                at++;
            }
            else
            {
                while (at < text.Length && text[at] != '.') part += text[at++];
            }

            parts.Add(part);
            if (at >= text.Length) return parts;
            if (text[at] != '.') return null;
        }
    }
}
