using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// One walk over a parsed SELECT. Every object of the tree is visited, whatever it hangs on; names of WITH are visible
/// exactly where SQL makes them visible, since a name that is taken for a WITH name where it is none would be looked up
/// among the files.
/// </summary>
internal sealed class SqlWalk(string sql, ImmutableArray<string> declared, string? path)
{
    private readonly ImmutableArray<Fault>.Builder _faults = ImmutableArray.CreateBuilder<Fault>();
    private readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<ColumnUse> _columns = [];

    public ImmutableArray<Fault> Faults => _faults.ToImmutable();

    public ImmutableArray<string> Inputs => [.. declared.Where(_inputs.Contains)];

    public ImmutableArray<ColumnUse> Columns => [.. _columns];

    public bool Varies { get; private set; }

    public void Statement(JsonElement statement) => Visit(statement, Scope.Outermost);

    private void Visit(JsonElement element, Scope scope)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Visit(item, scope);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (element.TryGetProperty("sample", out var sample) && sample.ValueKind != JsonValueKind.Null) Varies = true;
            if (element.TryGetProperty("cte_map", out var ctes)) QueryNode(element, ctes, scope);
            else if (element.TryGetProperty("class", out var kind)) Expression(element, kind.GetString(), scope);
            else if (element.TryGetProperty("sample", out _) && element.TryGetProperty("type", out var form))
                Table(element, form.GetString(), scope);
            else Children(element, scope);
        }
    }

    private void Children(JsonElement element, Scope scope, string? except = null)
    {
        foreach (var property in element.EnumerateObject())
            if (property.Name != except) Visit(property.Value, scope);
    }

    private void QueryNode(JsonElement node, JsonElement ctes, Scope outer)
    {
        var scope = outer.Inner();
        foreach (var cte in ctes.GetProperty("map").EnumerateArray())
        {
            Visit(cte.GetProperty("value"), scope);
            scope = scope.With(cte.GetProperty("key").GetString()!);
        }

        switch (node.GetProperty("type").GetString())
        {
            case "RECURSIVE_CTE_NODE":
                Visit(node.GetProperty("left"), scope);
                Visit(node.GetProperty("right"), scope.With(node.GetProperty("cte_name").GetString()!));
                break;
            case "SELECT_NODE":
                Visit(node.GetProperty("from_table"), scope);
                Children(node, scope, except: "from_table");
                break;
            case "SET_OPERATION_NODE":
                Children(node, scope);
                break;
            case var other:
                Refuse(node, DataCodes.SqlFormRefused, $"the form {other} is not supported.");
                break;
        }
    }

    private void Table(JsonElement table, string? form, Scope scope)
    {
        switch (form)
        {
            case "BASE_TABLE":
                BaseTable(table, scope);
                break;
            case "TABLE_FUNCTION":
                var function = table.GetProperty("function");
                var name = function.GetProperty("function_name").GetString() ?? "";
                if (!SqlFunctions.GivesRows(name))
                    Refuse(table, DataCodes.SqlFunctionRefused,
                        $"the table function '{name}' is not allowed; "
                        + $"expected an input ({Declared()}) or one of {SqlFunctions.RowGivers()}.");
                scope.Tables.Add((Alias(table, name), null));
                Children(function, scope);
                break;
            case "SHOW_REF" when table.GetProperty("query").ValueKind == JsonValueKind.Null:
                Refuse(table, DataCodes.SqlFormRefused, "found SHOW; expected a SELECT.");
                break;
            case "SUBQUERY" or "PIVOT" or "SHOW_REF" or "EXPRESSION_LIST":
                scope.Tables.Add((Alias(table, ""), null));
                Children(table, scope);
                break;
            case "JOIN":
                Children(table, scope);
                break;
            case "EMPTY":
                break;
            default:
                Refuse(table, DataCodes.SqlFormRefused, $"the form {form} is not supported.");
                break;
        }
    }

    private void BaseTable(JsonElement table, Scope scope)
    {
        var name = table.GetProperty("table_name").GetString() ?? "";
        var qualifier = string.Join('.', new[] { "catalog_name", "schema_name" }
            .Select(part => table.GetProperty(part).GetString()).Where(part => !string.IsNullOrEmpty(part)));
        if (table.GetProperty("at_clause").ValueKind != JsonValueKind.Null)
            Refuse(table, DataCodes.SqlFormRefused, "AT is not supported: an input is one version of a dataset.");

        if (qualifier.Length > 0)
        {
            var whole = $"{qualifier}.{name}";
            var quoted = declared.FirstOrDefault(input => Same(input, whole));
            Refuse(
                table, DataCodes.SqlTableUnknown,
                $"found the table {whole}; expected one of the step's inputs ({Declared()}).",
                quoted is null ? Nearest.Hint(whole, declared) : $"Put the name in quotes: {Sql.Name(quoted)}.");
        }
        else if (scope.Knows(name))
        {
            scope.Tables.Add((Alias(table, name), null));
        }
        else if (declared.FirstOrDefault(input => Same(input, name)) is { } input)
        {
            _inputs.Add(input);
            scope.Tables.Add((Alias(table, name), input));
        }
        else
        {
            Refuse(
                table, DataCodes.SqlTableUnknown,
                $"found the table '{name}'; expected one of the step's inputs ({Declared()}).",
                Nearest.Hint(name, declared.Concat(scope.Names)));
        }
    }

    private void Expression(JsonElement expression, string? kind, Scope scope)
    {
        switch (kind)
        {
            case "FUNCTION" or "WINDOW":
                var name = expression.GetProperty("function_name").GetString() ?? "";
                Varies |= SqlFunctions.Varies(name);
                if (SqlFunctions.ReachesOutside(name))
                    Refuse(expression, DataCodes.SqlFunctionRefused,
                        $"the function '{name}' is not allowed: it reads or changes more than its arguments.");
                break;
            case "PARAMETER":
                Refuse(expression, DataCodes.SqlFormRefused, "found a placeholder (? or $1); expected a value.",
                    "Parameters of the pipeline are written {{ params.name }}.");
                break;
            case "COLUMN_REF":
                ImmutableArray<string> parts = [.. expression.GetProperty("column_names").EnumerateArray().Select(part => part.GetString()!)];
                Varies |= parts is [var word] && SqlFunctions.Varies(word);
                Use(scope, parts);
                break;
            case "STAR":
                UseAll(scope, expression.GetProperty("relation_name").GetString());
                break;
        }

        Children(expression, scope);
    }

    private void Use(Scope scope, ImmutableArray<string> names)
    {
        if (names.Length > 1 && scope.Find(names[0]) is { } input) _columns.Add(new ColumnUse(input, names[1]));
        else if (scope.Only() is { } only) _columns.Add(new ColumnUse(only, names[0]));
    }

    private void UseAll(Scope scope, string? relation)
    {
        foreach (var (alias, input) in scope.Tables)
            if (input is not null && (string.IsNullOrEmpty(relation) || Same(alias, relation)))
                _columns.Add(new ColumnUse(input, "*"));
    }

    private void Refuse(JsonElement element, string code, string what, string? hint = null)
    {
        var known = element.TryGetProperty("query_location", out var location);
        var offset = known && location.TryGetInt64(out var bytes) ? bytes : -1;
        var message = SqlPlace.At(sql, offset) is { } place ? $"{place}: {what}" : what;
        _faults.Add(new Fault(FaultKind.Invalid, code, message, path, hint));
    }

    private string Declared() => declared.IsEmpty ? "none" : string.Join(", ", declared);

    private static string Alias(JsonElement table, string name) =>
        table.GetProperty("alias").GetString() is { Length: > 0 } alias ? alias : name;

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>What one query can see: the WITH names around it, and the tables of its FROM.</summary>
    private sealed class Scope(ImmutableHashSet<string> names, Scope? outer)
    {
        public static Scope Outermost => new(ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase), null);

        public List<(string Alias, string? Input)> Tables { get; } = [];

        public IEnumerable<string> Names => names;

        public bool Knows(string name) => names.Contains(name);

        public Scope Inner() => new(names, this);

        public Scope With(string name) => new(names.Add(name), outer);

        public string? Find(string alias)
        {
            foreach (var table in Tables)
                if (Same(table.Alias, alias)) return table.Input;
            return outer?.Find(alias);
        }

        public string? Only() => Tables is [{ Input: var input }] ? input : null;
    }
}
