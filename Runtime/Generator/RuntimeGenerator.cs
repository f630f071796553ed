using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansEtl.Runtime.Generator;

/// <summary>
/// Finds serialisable types, grain interfaces and grain classes, and writes their codecs, proxies and manifest.
/// It refuses, under Orleans' own ids, what Orleans' generator and analyzers would refuse.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class RuntimeGenerator : IIncrementalGenerator
{
    /// <summary>Wires the readers to the emitters.</summary>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var types = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Orleans.GenerateSerializerAttribute", static (_, _) => true,
            static (found, _) => SerializableReader.Read((INamedTypeSymbol)found.TargetSymbol, found.Attributes[0]));
        var converters = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Orleans.RegisterConverterAttribute", static (_, _) => true,
            static (found, _) => ClassReader.ReadConverter((INamedTypeSymbol)found.TargetSymbol));
        var interfaces = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
            static (found, stop) => found.SemanticModel.GetDeclaredSymbol(found.Node, stop) is INamedTypeSymbol type
                && IsFirst(type, found.Node) && type.IsAddressable() && !type.IsMarker()
                    ? InterfaceReader.Read(type)
                    : null);
        var classes = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
            static (found, stop) => found.SemanticModel.GetDeclaredSymbol(found.Node, stop) is INamedTypeSymbol type
                && IsFirst(type, found.Node) ? ClassReader.Read(type) : null);
        var waits = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => ClassReader.LeavesTheScheduler(node), ClassReader.ReadWait);

        context.RegisterSourceOutput(types, static (output, type) => EmitType(output, type));
        context.RegisterSourceOutput(interfaces, static (output, type) => EmitInterface(output, type));
        context.RegisterSourceOutput(classes, static (output, type) => Report(output, type?.Faults));
        context.RegisterSourceOutput(
            waits, static (output, fault) => Report(output, fault is null ? null : new Seq<Fault>([fault])));

        var assembly = context.CompilationProvider.Select(static (compilation, _) => (
            compilation.AssemblyName ?? "Assembly", new Seq<string>(Parts(compilation)),
            compilation.GetTypeByMetadataName("Orleans.Metadata.AssemblyManifest") is not null));
        var all = types.Collect().Combine(interfaces.Collect()).Combine(classes.Collect())
            .Combine(converters.Collect()).Combine(assembly);
        context.RegisterSourceOutput(all, static (output, found) =>
        {
            var ((((t, i), c), v), (name, parts, hasRuntime)) = found;
            if (hasRuntime) EmitManifest(output, name, parts, t, i, c, v);
        });
    }

    private static void EmitManifest(
        SourceProductionContext output, string assembly, Seq<string> parts, ImmutableArray<Serializable> types,
        ImmutableArray<GrainInterface?> interfaces, ImmutableArray<GrainClass?> classes,
        ImmutableArray<Converter?> converters)
    {
        var found = interfaces.Where(i => i is not null && i.Shape.FullName.Length > 0).Select(i => i!)
            .GroupBy(i => i.Shape.FullName).Select(g => g.First()).ToArray();
        var implementing = classes.Where(c => c is { GrainType.Length: > 0 }).Select(c => c!)
            .GroupBy(c => c.FullName).Select(g => g.First()).ToArray();
        var usable = types.GroupBy(t => t.Shape.FullName).Select(g => g.First()).ToArray();
        foreach (var twice in usable.Where(t => t.Alias is not null).GroupBy(t => t.Alias).Where(g => g.Count() > 1))
        {
            var names = string.Join(" and ", twice.Select(t => t.Shape.FullName));
            var fault = new Fault("ORLEANS0011", $"{names} have the same alias \"{twice.Key}\"", twice.Last().Place);
            output.ReportDiagnostic(fault.ToDiagnostic());
        }

        if (usable.Length + found.Length + implementing.Length + converters.Length + parts.Count == 0) return;
        output.AddSource("OrleansManifest.g.cs", ManifestEmitter.Emit(
            assembly, usable.Where(t => t.Faults.Count == 0), found.Where(i => i.Faults.Count == 0),
            implementing.Where(c => c.Faults.Count == 0), converters.Where(c => c is not null).Select(c => c!), parts));
    }

    private static void EmitType(SourceProductionContext output, Serializable type)
    {
        Report(output, type.Faults);
        if (type.Faults.Count == 0 && !type.IsEnum)
            output.AddSource(Hint(type.Shape) + ".Codec.g.cs", CodecEmitter.Emit(type));
    }

    private static void EmitInterface(SourceProductionContext output, GrainInterface? type)
    {
        Report(output, type?.Faults);
        if (type is { Faults.Count: 0 }) output.AddSource(Hint(type.Shape) + ".Proxy.g.cs", ProxyEmitter.Emit(type));
    }

    // Of several parts of a type the first one with a base list speaks for all.
    private static bool IsFirst(INamedTypeSymbol type, SyntaxNode node) =>
        type.DeclaringSyntaxReferences.Select(r => r.GetSyntax())
            .First(s => s is TypeDeclarationSyntax { BaseList: not null }) == node;

    private static string Hint(TypeShape shape) => shape.Namespace.Replace("OrleansCodeGen.", "") + "." + shape.Ident;

    private static void Report(SourceProductionContext output, Seq<Fault>? faults)
    {
        foreach (var fault in faults?.Items ?? []) output.ReportDiagnostic(fault.ToDiagnostic());
    }

    private static IEnumerable<string> Parts(Compilation compilation) =>
        compilation.SourceModule.ReferencedAssemblySymbols
            .Where(a => !a.Name.StartsWith("System.", System.StringComparison.Ordinal)
                && !a.Name.StartsWith("Microsoft.", System.StringComparison.Ordinal)
                && a.Has("Orleans.Metadata.TypeManifestProviderAttribute"))
            .Select(a => a.Name);
}
