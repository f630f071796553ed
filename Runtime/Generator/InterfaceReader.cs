using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Reads a grain interface: its methods, and what Orleans would refuse in it.</summary>
internal static class InterfaceReader
{
    public static GrainInterface Read(INamedTypeSymbol type)
    {
        var faults = new List<Fault>();
        if (!type.IsAccessible())
        {
            faults.Add(new("ORLEANS0107",
                $"{type.Plain()} is a grain interface that generated code cannot reach; make it public or internal",
                Place.Of(type)));
        }

        foreach (var member in type.GetMembers()) Check(type, member, faults);
        var own = Methods(type).ToArray();
        foreach (var twice in own.GroupBy(m => m.WireName).Where(g => g.Count() > 1))
        {
            faults.Add(new(
                "ORLEANS0011", $"{type.Plain()} has two methods with the alias \"{twice.Key}\"", Place.Of(type)));
        }

        var inherited = type.AllInterfaces.Where(i => i.IsAddressable() && !i.IsMarker()).SelectMany(Methods);
        var version = type.Attribute("Orleans.CodeGeneration.VersionAttribute")?.Argument() as ushort? ?? 0;
        return new(Symbols.Shape(type), WireName(type), version, new(own), new(own.Concat(inherited)), new(faults));
    }

    private static string WireName(INamedTypeSymbol type) =>
        type.Attribute("Orleans.Runtime.GrainInterfaceTypeAttribute")?.Argument() as string
        ?? SerializableReader.AliasOf(type)
        ?? type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);

    private static IEnumerable<Method> Methods(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IMethodSymbol>()
            .Where(m => m is { MethodKind: MethodKind.Ordinary, IsStatic: false, IsAbstract: true })
            .Where(m => Returns(m) is not null)
            .Select(m => Describe(type, m));

    private static Method Describe(INamedTypeSymbol type, IMethodSymbol method)
    {
        var returns = Returns(method)!.Value;
        var result = method.ReturnType is INamedTypeSymbol { IsGenericType: true } generic
            ? generic.TypeArguments[0].Full()
            : null;
        var definition = method.OriginalDefinition;
        var types = string.Join(",", definition.Parameters.Select(p => p.Type.Plain()));
        var signature = $"{definition.Name}({types}){(method.Arity > 0 ? "`" + method.Arity : "")}";
        var hash = Symbols.Hash(signature);
        var shape = Symbols.Shape(type);
        var typeArguments = type.TypeArguments.Select(t => t.Full())
            .Concat(method.TypeParameters.Select(t => t.Name)).ToArray();
        var request = $"global::{shape.Namespace}.Invokable_{shape.Ident}_{method.Name}_{hash}"
            + (typeArguments.Length > 0 ? "<" + string.Join(", ", typeArguments) + ">" : "");
        return new(
            type.Full(), method.Name, SerializableReader.AliasOf(definition) ?? $"{definition.Name}#{hash}", request,
            returns, result, Symbols.TypeParameterList(method.TypeParameters),
            Symbols.Constraints(method.TypeParameters), method.Arity,
            new(method.Parameters.Select(Describe)), Traits(method, returns),
            method.Attribute("Orleans.ResponseTimeoutAttribute")?.Argument() as string);
    }

    private static Parameter Describe(IParameterSymbol parameter) => new(
        parameter.Name, parameter.Type.Full(),
        parameter.Has("Orleans.ImmutableAttribute") || parameter.Type.CopiesByValue(),
        parameter.Type.ToDisplayString() == "System.Threading.CancellationToken");

    private static string Traits(IMethodSymbol method, ReturnKind returns)
    {
        const string Prefix = "global::Orleans.Runtime.RequestTraits.";
        var traits = new List<string>();
        if (returns == ReturnKind.Void || method.Has("Orleans.Concurrency.OneWayAttribute")) traits.Add("OneWay");
        if (method.Has("Orleans.Concurrency.AlwaysInterleaveAttribute")) traits.Add("AlwaysInterleave");
        if (method.Has("Orleans.Concurrency.ReadOnlyAttribute")) traits.Add("ReadOnly");
        var result = (method.ReturnType as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();
        var returned = method.GetReturnTypeAttributes();
        if (returned.Any(a => a.AttributeClass?.ToDisplayString() == "Orleans.ImmutableAttribute")
            || (result?.CopiesByValue() ?? false)) traits.Add("ImmutableResult");
        return traits.Count == 0 ? Prefix + "None" : string.Join(" | ", traits.Select(t => Prefix + t));
    }

    private static ReturnKind? Returns(IMethodSymbol method) =>
        method.ReturnsVoid ? ReturnKind.Void : method.ReturnType.OriginalDefinition.ToDisplayString() switch
        {
            "System.Threading.Tasks.Task" => ReturnKind.Task,
            "System.Threading.Tasks.Task<TResult>" => ReturnKind.TaskOf,
            "System.Threading.Tasks.ValueTask" => ReturnKind.ValueTask,
            "System.Threading.Tasks.ValueTask<TResult>" => ReturnKind.ValueTaskOf,
            "System.Collections.Generic.IAsyncEnumerable<T>" => ReturnKind.Stream,
            _ => null,
        };

    private static void Check(INamedTypeSymbol type, ISymbol member, List<Fault> faults)
    {
        if (member is IPropertySymbol or IEventSymbol)
        {
            faults.Add(new("ORLEANS0008",
                $"{type.Plain()}.{member.Name}: a grain interface cannot have properties or events", Place.Of(member)));
        }

        if (member is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method) return;
        if (method.IsStatic)
        {
            faults.Add(new("ORLEANS0006",
                $"{type.Plain()}.{method.Name}: a grain interface cannot have static members", Place.Of(method)));
            return;
        }

        if (!method.IsAbstract) return;
        if (Returns(method) is null)
        {
            faults.Add(new("ORLEANS0009",
                $"{type.Plain()}.{method.Name} returns {method.ReturnType.Plain()}; a grain method returns "
                + "Task, Task<T>, ValueTask, ValueTask<T>, IAsyncEnumerable<T> or void", Place.Of(method)));
        }

        if (method.Parameters.Any(p => p.RefKind != RefKind.None))
        {
            faults.Add(new("ORLEANS0002",
                $"{type.Plain()}.{method.Name} has ref, out or in parameters", Place.Of(method)));
        }

        if (method.Parameters.Count(p => p.Type.ToDisplayString() == "System.Threading.CancellationToken") > 1)
        {
            faults.Add(new("ORLEANS0109",
                $"{type.Plain()}.{method.Name} has more than one CancellationToken parameter", Place.Of(method)));
        }
    }
}
