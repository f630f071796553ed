using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Questions that all readers ask of symbols.</summary>
internal static class Symbols
{
    private static readonly SymbolDisplayFormat WithoutArguments =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGenericsOptions(SymbolDisplayGenericsOptions.None);

    private static readonly HashSet<string> Markers = new(StringComparer.Ordinal)
    {
        "Orleans.Runtime.IAddressable", "Orleans.Runtime.IGrainExtension", "Orleans.IGrain", "Orleans.IGrainObserver",
        "Orleans.IGrainWithStringKey", "Orleans.IGrainWithGuidKey",
        "Orleans.IGrainWithIntegerKey", "Orleans.IGrainWithGuidCompoundKey", "Orleans.IGrainWithIntegerCompoundKey",
    };

    private static readonly HashSet<string> Values = new(StringComparer.Ordinal)
    {
        "System.Guid", "System.DateTime", "System.DateTimeOffset", "System.TimeSpan", "System.DateOnly",
        "System.TimeOnly", "System.Uri", "System.Version", "System.Type", "Orleans.Runtime.GrainId",
        "Orleans.Runtime.SiloAddress",
    };

    public static string Full(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    public static string Plain(this ITypeSymbol type) =>
        type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    public static AttributeData? Attribute(this ISymbol symbol, string fullName) =>
        symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == fullName);

    public static bool Has(this ISymbol symbol, string fullName) => symbol.Attribute(fullName) is not null;

    public static object? Argument(this AttributeData attribute) =>
        attribute.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value : null;

    public static bool IsMarker(this ITypeSymbol type) => Markers.Contains(type.ToDisplayString());

    public static bool IsAddressable(this ITypeSymbol type) =>
        type.AllInterfaces.Any(i => i.ToDisplayString() == "Orleans.Runtime.IAddressable");

    public static bool IsGrainClass(this ITypeSymbol type) =>
        type.AllInterfaces.Any(i => i.ToDisplayString() == "Orleans.IGrainBase");

    public static bool CopiesByValue(this ITypeSymbol type) =>
        (type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String)
        || type.TypeKind == TypeKind.Enum
        || Values.Contains(type.ToDisplayString())
        || type.Has("Orleans.ImmutableAttribute") && type.IsSealed
        || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
        && nullable.TypeArguments[0].CopiesByValue();

    public static bool IsAccessible(this ITypeSymbol type)
    {
        for (var t = type; t is not null; t = t.ContainingType)
        {
            if (t.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal
                or Accessibility.ProtectedOrInternal)) return false;
        }

        return true;
    }

    public static TypeShape Shape(INamedTypeSymbol type)
    {
        var parameters = Enclosing(type).SelectMany(t => t.TypeParameters).ToArray();
        var open = type.ToDisplayString(WithoutArguments);
        if (parameters.Length > 0 && !Enclosing(type).Reverse().Skip(1).Any(t => t.TypeParameters.Length > 0))
            open += "<" + new string(',', parameters.Length - 1) + ">";
        return new(
            type.Full(), open, Ident(type), type.ContainingNamespace.IsGlobalNamespace
                ? "OrleansCodeGen" : "OrleansCodeGen." + type.ContainingNamespace.ToDisplayString(),
            TypeParameterList(parameters), Constraints(parameters),
            Enclosing(type).All(t => t.DeclaredAccessibility == Accessibility.Public));
    }

    public static string Ident(INamedTypeSymbol type) =>
        string.Join("_", Enclosing(type).Select(t => t.Name + (t.Arity > 0 ? "_" + t.Arity : "")));

    public static string TypeParameterList(IReadOnlyCollection<ITypeParameterSymbol> parameters) =>
        parameters.Count == 0 ? "" : "<" + string.Join(", ", parameters.Select(p => p.Name)) + ">";

    public static string Constraints(IEnumerable<ITypeParameterSymbol> parameters)
    {
        var text = new StringBuilder();
        foreach (var p in parameters)
        {
            var parts = new List<string>();
            if (p.HasUnmanagedTypeConstraint) parts.Add("unmanaged");
            else if (p.HasValueTypeConstraint) parts.Add("struct");
            else if (p.HasReferenceTypeConstraint) parts.Add("class");
            else if (p.HasNotNullConstraint) parts.Add("notnull");
            parts.AddRange(p.ConstraintTypes.Select(Full));
            if (p.HasConstructorConstraint) parts.Add("new()");
            if (parts.Count > 0) text.Append(" where ").Append(p.Name).Append(" : ").Append(string.Join(", ", parts));
        }

        return text.ToString();
    }

    public static string Literal(string? text) =>
        text is null ? "null" : Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, true);

    /// <summary>The same in every build: requests of public interfaces are named across assemblies.</summary>
    public static string Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text) hash = (hash ^ c) * 16777619u;
        return hash.ToString("X8", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<INamedTypeSymbol> Enclosing(INamedTypeSymbol type)
    {
        var types = new Stack<INamedTypeSymbol>();
        for (var t = type; t is not null; t = t.ContainingType) types.Push(t);
        return types;
    }
}
