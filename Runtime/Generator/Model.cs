using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace OrleansEtl.Runtime.Generator;

/// <summary>An array equal to another with equal elements: unchanged input is not emitted again.</summary>
internal readonly struct Seq<T> : IEquatable<Seq<T>>, IEnumerable<T>
{
    private readonly T[]? _items;

    public Seq(IEnumerable<T> items) => _items = items.ToArray();

    public T[] Items => _items ?? Array.Empty<T>();

    public int Count => Items.Length;

    public bool Equals(Seq<T> other) => Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is Seq<T> other && Equals(other);

    public override int GetHashCode() => Items.Aggregate(17, (hash, item) => (hash * 31) + (item?.GetHashCode() ?? 0));

    public IEnumerator<T> GetEnumerator() => Items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

internal sealed record Place(string File, TextSpan Span, LinePositionSpan Lines)
{
    public static Place? Of(ISymbol symbol) => Of(symbol.Locations.FirstOrDefault(l => l.IsInSource));

    public static Place? Of(Location? location) =>
        location?.SourceTree is { } tree ? new(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span) : null;

    public Location ToLocation() => Location.Create(File, Span, Lines);
}

internal sealed record Fault(string Id, string Message, Place? Place, bool IsWarning = false)
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(
        new DiagnosticDescriptor(
            Id, "Orleans", "{0}", "Orleans", IsWarning ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error, true),
        Place?.ToLocation() ?? Location.None,
        Message);
}

/// <summary>How a type is written in the generated file and where its companions go.</summary>
internal sealed record TypeShape(
    string FullName, string OpenName, string Ident, string Namespace, string TypeParameters, string Constraints,
    bool IsPublic);

internal enum MemberAccess
{
    Direct,
    Field,
    Setter,
}

internal sealed record Member(
    uint Id, string Name, string Type, string? BackingField, bool ReadDirectly, MemberAccess WriteBy, bool IsReadOnly,
    bool IsImmutable, bool CopiesByValue);

internal sealed record Serializable(
    TypeShape Shape, string? Alias, bool IsStruct, bool IsEnum, bool IsAbstract, bool IsImmutable, string? BaseCodec,
    string? BaseType, string Activation, bool HasParameterLevel, Seq<Member> Parameters, Seq<Member> Members,
    Seq<Fault> Faults, Place? Place);

internal sealed record Parameter(string Name, string Type, bool CopiesByValue, bool IsToken);

internal enum ReturnKind
{
    Void,
    Task,
    TaskOf,
    ValueTask,
    ValueTaskOf,
    Stream,
}

internal sealed record Method(
    string Interface, string Name, string WireName, string RequestName, ReturnKind Returns, string? Result,
    string TypeParameters, string Constraints, int TypeParameterCount, Seq<Parameter> Parameters, string Traits,
    string? Timeout);

internal sealed record GrainInterface(
    TypeShape Shape, string WireName, int Version, Seq<Method> Own, Seq<Method> All, Seq<Fault> Faults);

internal sealed record GrainClass(string FullName, string GrainType, Seq<string> Interfaces, Seq<Fault> Faults);

internal sealed record Converter(string Type, string Value, string Surrogate);
