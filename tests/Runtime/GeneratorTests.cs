using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Orleans;
using OrleansEtl.Runtime.Generator;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

[Trait("category", "runtime-only")]
public sealed class GeneratorTests
{
    private const string Usings = "using System; using System.Threading; using System.Threading.Tasks; using Orleans; "
        + "using Orleans.Concurrency; namespace N; ";

    private const string Class =
        "public interface IG : IGrainWithStringKey { Task M(); } public class G : Grain, IG { ";

    [Theory]
    [InlineData("ORLEANS0004", "[GenerateSerializer] public class A { public int X { get; set; } }")]
    [InlineData("ORLEANS0004", "[GenerateSerializer] public class A { private int _x; }")]
    [InlineData("ORLEANS0004", "[GenerateSerializer] public record A(int X) { public int Y { get; init; } }")]
    [InlineData("ORLEANS0012", "[GenerateSerializer] public class A { [Id(0)] public int X; [Id(0)] public int Y; }")]
    [InlineData("ORLEANS0011", "[GenerateSerializer, Alias(\"a\")] public class A; [GenerateSerializer, Alias(\"a\")] public class B;")]
    [InlineData("ORLEANS0107", "public class O { [GenerateSerializer] private class A; }")]
    [InlineData("ORLEANS0013", "public interface IG : IGrainWithStringKey; [GenerateSerializer] public class G : Grain, IG;")]
    [InlineData("ORLEANS0013", "public interface IG : IGrainWithStringKey; [Alias(\"g\")] public class G : Grain, IG;")]
    [InlineData("ORLEANS0009", "public interface IG : IGrainWithStringKey { int Get(); }")]
    [InlineData("ORLEANS0008", "public interface IG : IGrainWithStringKey { int X { get; } }")]
    [InlineData("ORLEANS0006", "public interface IG : IGrainWithStringKey { static abstract Task M(); }")]
    [InlineData("ORLEANS0002", "public interface IG : IGrainWithStringKey { Task M(ref int x); }")]
    [InlineData("ORLEANS0109", "public interface IG : IGrainWithStringKey { Task M(CancellationToken a, CancellationToken b); }")]
    [InlineData("ORLEANS0011", "public interface IG : IGrainWithStringKey { [Alias(\"m\")] Task M(); [Alias(\"m\")] Task K(); }")]
    [InlineData("ORLEANS0001", Class + "[AlwaysInterleave] public Task M() => Task.CompletedTask; }")]
    [InlineData("ORLEANS0014", Class + "public async Task M() => await Task.Delay(1).ConfigureAwait(false); }")]
    public void What_Orleans_refuses_is_refused(string id, string source)
    {
        Assert.Contains(id, Run(source).Faults);
    }

    [Theory]
    [InlineData("[GenerateSerializer] public sealed record A(int X, string? Y) { [Id(0)] public int Z { get; init; } }")]
    [InlineData("[GenerateSerializer] public abstract record A { private A() { } "
        + "[GenerateSerializer] public sealed record B(int X) : A; }")]
    [InlineData("[GenerateSerializer] public class A { [NonSerialized] public int X; public int Y => 1; public static int Z; }")]
    [InlineData("[GenerateSerializer] public readonly record struct A(Guid Id);")]
    [InlineData("[GenerateSerializer] public class A<T> where T : class, new() { [Id(0)] private readonly T? _x = null; }")]
    [InlineData("[GenerateSerializer(GenerateFieldIds = GenerateFieldIds.PublicProperties)] public class A { public int X { get; set; } }")]
    [InlineData("[GenerateSerializer] public class A(int x) : Exception(\"a\") { [Id(0)] public int X { get; } = x; }")]
    [InlineData("[GenerateSerializer] public sealed class A { [Id(0)] public required string @class { get; init; } }")]
    [InlineData("public interface IBase<T> : IGrainWithStringKey { Task<T> Get(T x); } public interface IG : IBase<int>;"
        + "public class G : Grain, IG { public Task<int> Get(int x) => Task.FromResult(x); }")]
    [InlineData("public interface IG : IGrainWithStringKey { Task<T> Get<T>(T x) where T : class; "
        + "ValueTask<(int, string)?> Pair(int[] x, CancellationToken t = default); }")]
    [InlineData("public partial interface IG : IGrainWithStringKey { Task A(); } "
        + "public partial interface IG : IGrainWithStringKey { Task B(); }")]
    [InlineData("public interface IG : IGrainWithStringKey { Task M(string x) { return Task.CompletedTask; } Task K(); }")]
    [InlineData("internal static class Outer { internal interface IG : IGrainWithGuidKey { Task M(Outer.A a); } "
        + "[GenerateSerializer] internal sealed class A; }")]
    [InlineData("public interface IO : IGrainObserver { void Tell(string text); }")]
    public void What_Orleans_accepts_compiles(string source)
    {
        var (faults, errors) = Run(source);
        Assert.Empty(faults);
        Assert.Empty(errors);
    }

    [Fact]
    public void Nothing_is_written_again_when_other_code_changes()
    {
        var compilation = Compile("[GenerateSerializer] public sealed record A(int X); "
            + "public interface IG : IGrainWithStringKey { Task M(A a); }");
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new RuntimeGenerator().AsSourceGenerator()],
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
        var changed = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Unrelated;"));
        var steps = driver.RunGenerators(changed, TestContext.Current.CancellationToken).GetRunResult().Results[0];
        Assert.All(steps.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(run => run.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    private static (string[] Faults, string[] Errors) Run(string source)
    {
        CSharpGeneratorDriver.Create(new RuntimeGenerator()).RunGeneratorsAndUpdateCompilation(
            Compile(source), out var output, out var faults, TestContext.Current.CancellationToken);
        var errors = output.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
        return ([.. faults.Select(d => d.Id)], [.. errors]);
    }

    private static CSharpCompilation Compile(string source)
    {
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return CSharpCompilation.Create(
            "Generated", [CSharpSyntaxTree.ParseText(Usings + source)],
            trusted.Where(path => Path.GetFileName(path) is var name
                    && (name.StartsWith("System.", StringComparison.Ordinal) || name == "OrleansEtl.Runtime.dll"))
                .Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
