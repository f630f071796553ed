using System.Collections.Concurrent;
using System.Text;
using Orleans.Metadata;
using Orleans.Serialization.Codecs;

namespace Orleans.Serialization;

/// <summary>
/// Types on the wire: alias or full name, arguments in angle brackets, <c>[]</c> for arrays. Only names that
/// a manifest or the table of built-in types knows are resolved: input cannot name any type it likes.
/// </summary>
internal static class TypeNames
{
    // Far beyond what types are called; a name from outside costs neither stack nor memory without end.
    private const int NameCharactersMax = 4096;
    private const int DepthMax = 32;
    private const int TypesMax = 10_000;

    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Type> Types = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, Type> BuiltIn = CodecSearch.NamedTypes
        .ToDictionary(PlainName, type => type, StringComparer.Ordinal);

    public static string Of(Type type) => Names.GetOrAdd(type, Describe);

    public static Type Resolve(string? name)
    {
        if (name is not null && Types.TryGetValue(name, out var known)) return known;
        var position = 0;
        var type = name is null or { Length: > NameCharactersMax } ? null : Lookup(name) ?? Parse(name, ref position, 0);
        if (type is null || (position > 0 && position != name!.Length))
            throw new SerializerException($"No type is known by the name \"{name?[..Math.Min(name.Length, NameCharactersMax)]}\".");
        if (Types.Count >= TypesMax) Types.Clear();
        Types.TryAdd(name!, type);
        return type;
    }

    private static string Describe(Type type)
    {
        if (type.IsSZArray) return Of(type.GetElementType()!) + "[]";
        if (!type.IsGenericType || type.IsGenericTypeDefinition)
            return Manifest.Current.NameOf(type) ?? PlainName(type);
        var open = type.GetGenericTypeDefinition();
        var text = new StringBuilder(Manifest.Current.NameOf(open) ?? PlainName(open)).Append('<');
        text.AppendJoin(',', type.GetGenericArguments().Select(Of));
        return text.Append('>').ToString();
    }

    private static Type? Parse(string name, ref int position, int depth)
    {
        if (depth > DepthMax) return null;
        var start = position;
        while (position < name.Length && name[position] is not ('<' or '>' or ',' or '[')) position++;
        if (Lookup(name[start..position]) is not { } type) return null;
        if (position < name.Length && name[position] == '<')
        {
            var arguments = new List<Type>();
            do
            {
                position++;
                if (Parse(name, ref position, depth + 1) is not { } argument) return null;
                arguments.Add(argument);
            }
            while (position < name.Length && name[position] == ',');
            if (position >= name.Length || name[position] != '>') return null;
            position++;
            if (!type.IsGenericTypeDefinition || type.GetGenericArguments().Length != arguments.Count) return null;
            type = type.MakeGenericType([.. arguments]);
        }

        while (position + 1 < name.Length && name[position] == '[' && name[position + 1] == ']')
        {
            type = type.MakeArrayType();
            position += 2;
        }

        return type;
    }

    private static Type? Lookup(string name) =>
        BuiltIn.TryGetValue(name, out var builtIn)
            ? builtIn
            : Manifest.Current.TypeNamed(name) ?? ExceptionCodec.FrameworkException(name);

    private static string PlainName(Type type) => type.FullName ?? type.Name;
}
