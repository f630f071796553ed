using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Reads a type with [GenerateSerializer]: its members, and what Orleans would refuse in it.</summary>
internal static class SerializableReader
{
    private const string GenerateSerializer = "Orleans.GenerateSerializerAttribute";

    public static Serializable Read(INamedTypeSymbol type, AttributeData attribute)
    {
        var faults = new List<Fault>();
        var place = Place.Of(type);
        if (!type.IsAccessible())
        {
            faults.Add(new("ORLEANS0107",
                $"{type.Plain()} has [GenerateSerializer] but cannot be reached by generated code; make it internal",
                place));
        }

        if (type.IsGrainClass())
        {
            faults.Add(new(
                "ORLEANS0013", $"{type.Plain()} is a grain class; it must not have [GenerateSerializer]", place));
        }

        var parameters = type.IsRecord ? ReadParameters(type) : new List<Member>();
        var generatesIds = attribute.NamedArguments
            .Any(a => a.Key == "GenerateFieldIds" && a.Value.Value is int chosen && chosen == 1);
        var members = ReadMembers(type, parameters, generatesIds, faults);
        foreach (var twice in members.GroupBy(m => m.Id).Where(g => g.Count() > 1))
        {
            faults.Add(new("ORLEANS0012",
                $"{type.Plain()} gives the id {twice.Key} to {string.Join(" and ", twice.Select(m => m.Name))}",
                place));
        }

        var (baseType, baseCodec) = BaseOf(type);
        return new(
            Symbols.Shape(type), AliasOf(type), type.IsValueType, type.TypeKind == TypeKind.Enum, type.IsAbstract,
            type.Has("Orleans.ImmutableAttribute"), baseCodec, baseType, ActivationOf(type), parameters.Count > 0,
            new(parameters), new(members), new(faults), place);
    }

    public static string? AliasOf(ISymbol symbol) => symbol.Attribute("Orleans.AliasAttribute")?.Argument() as string;

    private static List<Member> ReadParameters(INamedTypeSymbol type)
    {
        var primary = type.InstanceConstructors.FirstOrDefault(c =>
            c.DeclaringSyntaxReferences.Any(r =>
                r.GetSyntax() is Microsoft.CodeAnalysis.CSharp.Syntax.RecordDeclarationSyntax));
        if (primary is null) return [];
        uint id = 0;
        var members = new List<Member>();
        foreach (var parameter in primary.Parameters)
        {
            if (type.GetMembers(parameter.Name).OfType<IPropertySymbol>().FirstOrDefault() is { } property)
                members.Add(Describe(type, property, property.Type, id));
            id++;
        }

        return members;
    }

    private static List<Member> ReadMembers(
        INamedTypeSymbol type, List<Member> parameters, bool generatesIds, List<Fault> faults)
    {
        var members = new List<Member>();
        if (type.TypeKind == TypeKind.Enum) return members;
        foreach (var member in type.GetMembers().Where(m => !m.IsStatic))
        {
            if (parameters.Any(p => p.Name == member.Name)) continue;
            var valueType = (member as IFieldSymbol)?.Type ?? (member as IPropertySymbol)?.Type;
            if (valueType is null) continue;
            if (member.Attribute("Orleans.IdAttribute")?.Argument() is uint id)
            {
                members.Add(Describe(type, member, valueType, id));
            }
            else if (generatesIds
                && member is IPropertySymbol { DeclaredAccessibility: Accessibility.Public } property
                && Backing(type, property) is not null)
            {
                members.Add(Describe(type, member, valueType, IdOf(member.Name)));
            }
            else if (!generatesIds && NeedsId(type, member))
            {
                faults.Add(new("ORLEANS0004",
                    $"{type.Plain()}.{member.Name} has neither [Id] nor [NonSerialized]", Place.Of(member)));
            }
        }

        return members;
    }

    // Seven hexadecimal digits: the reader tells members by positive numbers.
    private static uint IdOf(string name) =>
        System.Convert.ToUInt32(Symbols.Hash(name).Substring(0, 7), 16);

    private static bool NeedsId(INamedTypeSymbol type, ISymbol member)
    {
        if (member.IsImplicitlyDeclared) return false;
        if (member is IFieldSymbol field)
            return !field.IsConst && field.AssociatedSymbol is null && !field.Has("System.NonSerializedAttribute");
        return member is IPropertySymbol { IsAbstract: false, IsIndexer: false } property
            && Backing(type, property) is { } backing && !backing.Has("System.NonSerializedAttribute");
    }

    private static IFieldSymbol? Backing(INamedTypeSymbol type, IPropertySymbol property) =>
        type.GetMembers().OfType<IFieldSymbol>()
            .FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property));

    private static Member Describe(INamedTypeSymbol type, ISymbol member, ITypeSymbol valueType, uint id)
    {
        var immutable = member.Has("Orleans.ImmutableAttribute");
        if (member is IFieldSymbol field)
        {
            var visible = IsVisible(field.DeclaredAccessibility);
            return new(
                id, field.Name, valueType.Full(), field.Name, visible,
                visible && !field.IsReadOnly ? MemberAccess.Direct : MemberAccess.Field, field.IsReadOnly,
                immutable, valueType.CopiesByValue());
        }

        var property = (IPropertySymbol)member;
        var backing = Backing(type, property);
        var readable = property.GetMethod is { } get && IsVisible(get.DeclaredAccessibility);
        var settable = property.SetMethod is { IsInitOnly: false } set && IsVisible(set.DeclaredAccessibility);
        return new(
            id, property.Name, valueType.Full(), backing?.Name, readable,
            settable ? MemberAccess.Direct : backing is not null ? MemberAccess.Field : MemberAccess.Setter,
            property.SetMethod is null or { IsInitOnly: true }, immutable, valueType.CopiesByValue());
    }

    private static bool IsVisible(Accessibility access) =>
        access is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;

    private static (string? Type, string? Codec) BaseOf(INamedTypeSymbol type)
    {
        var baseType = type.BaseType;
        if (type.IsValueType || baseType is null || baseType.SpecialType == SpecialType.System_Object)
            return (null, null);
        if (baseType.Has(GenerateSerializer))
            return (baseType.Full(), $"global::Orleans.Serialization.Codecs.CodecTable.OfBase<{baseType.Full()}>()");
        for (var t = baseType; t is not null; t = t.BaseType)
        {
            if (t.ToDisplayString() == "System.Exception")
                return ("global::System.Exception", "new global::Orleans.Serialization.Codecs.ExceptionLevels()");
        }

        return (null, null);
    }

    private static string ActivationOf(INamedTypeSymbol type)
    {
        var name = type.Full();
        if (type.IsValueType) return $"default({name})";
        if (type.IsAbstract) return "throw new global::System.InvalidOperationException()";
        var required = type.GetMembers()
            .Any(m => m is IFieldSymbol { IsRequired: true } or IPropertySymbol { IsRequired: true });
        var constructor = type.InstanceConstructors.FirstOrDefault(c => c.Parameters.Length == 0);
        return constructor is not null && IsVisible(constructor.DeclaredAccessibility) && !required
            ? $"new {name}()"
            : $"({name})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({name}))";
    }
}
