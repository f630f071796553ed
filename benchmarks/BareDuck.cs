using System.Text;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Bench;

/// <summary>The peer: a .NET process that loads the same library, executes some SQL, and ends.</summary>
internal static class BareDuck
{
    public const string Name = "duckdb";

    public static Took Run(string sql) => Spawn.Run(
        Environment.ProcessPath!, [Name, Convert.ToBase64String(Encoding.UTF8.GetBytes(sql))], Path.Combine(Etl.Folder, "duckdb.log"));

    public static async Task Execute(string sqlInBase64)
    {
        var options = new DuckOptions(Path.Combine(Etl.Folder, "spill"), [Etl.Folder, Etl.Cache]);
        using var engine = new DuckEngine(options);
        using var session = await engine.Rent();
        session.Execute(Encoding.UTF8.GetString(Convert.FromBase64String(sqlInBase64)));
    }
}
