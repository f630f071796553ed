using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Reads grain classes, converters, and waits inside grains that leave the scheduler.</summary>
internal static class ClassReader
{
    public static GrainClass? Read(INamedTypeSymbol type)
    {
        var faults = new List<Fault>();
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (method.Has("Orleans.Concurrency.AlwaysInterleaveAttribute"))
            {
                faults.Add(new("ORLEANS0001",
                    $"[AlwaysInterleave] on {type.Plain()}.{method.Name} has no effect; it belongs on the interface",
                    Place.Of(method)));
            }
        }

        if (type.IsAbstract || !type.IsGrainClass() || type.IsGenericType)
            return faults.Count == 0 ? null : new(type.Full(), "", default, new(faults));
        if (type.Has("Orleans.AliasAttribute"))
        {
            faults.Add(new(
                "ORLEANS0013", $"{type.Plain()} is a grain class; it must not have [Alias]", Place.Of(type)));
        }

        if (!type.IsAccessible())
        {
            faults.Add(new("ORLEANS0107",
                $"{type.Plain()} is a grain class that generated code cannot reach; make it public or internal",
                Place.Of(type)));
        }

        var interfaces = type.AllInterfaces.Where(i => i.IsAddressable() && !i.IsMarker()).Select(i => i.Full());
        var named = type.Attribute("Orleans.GrainTypeAttribute")?.Argument() as string;
        return new(type.Full(), named ?? DefaultName(type), new(interfaces), new(faults));
    }

    public static Converter? ReadConverter(INamedTypeSymbol type) =>
        type.AllInterfaces.FirstOrDefault(IsConverter) is { } converter
            ? new(type.Full(), converter.TypeArguments[0].Full(), converter.TypeArguments[1].Full())
            : null;

    private static bool IsConverter(INamedTypeSymbol type) =>
        type.OriginalDefinition.ToDisplayString() == "Orleans.IConverter<TValue, TSurrogate>";

    public static bool LeavesTheScheduler(SyntaxNode node) =>
        node is InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" },
            ArgumentList.Arguments: { Count: 1 } arguments,
        }
        && arguments[0].Expression.IsKind(SyntaxKind.FalseLiteralExpression);

    public static Fault? ReadWait(GeneratorSyntaxContext found, CancellationToken stop)
    {
        if (found.Node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } declaration
            || found.SemanticModel.GetDeclaredSymbol(declaration, stop) is not INamedTypeSymbol type
            || !type.IsGrainClass()) return null;
        return new("ORLEANS0014",
            $"ConfigureAwait(false) in {type.Plain()} leaves the grain's scheduler; take it away",
            Place.Of(found.Node.GetLocation()), IsWarning: true);
    }

    private static string DefaultName(INamedTypeSymbol type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", System.StringComparison.Ordinal) && name.Length > "grain".Length
            ? name.Substring(0, name.Length - "grain".Length)
            : name;
    }
}
