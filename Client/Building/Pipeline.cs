using System.Runtime.CompilerServices;

namespace OrleansEtl.Client;

/// <summary>Where a pipeline in C# begins.</summary>
/// <example><code>
/// Pipeline.Named("orders")
///     .Param("day", ValueType.Date)
///     .From("raw", Csv.At("in/{{ params.day }}.csv"))
///     .Then("clean", Sql.Of("select * from raw where amount > 0"))
///     .Expect("sane", Check.Column("id").Unique())
///     .To("out", Parquet.At("out/orders.parquet"))
///     .Build(kinds);
/// </code></example>
public static class Pipeline
{
    public static PipelineBuilder Named(
        string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new(name, new CallSite(file, line));
}

/// <summary>The line of a program that said something.</summary>
public readonly record struct CallSite(string File, int Line);
