using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Codecs;

namespace Orleans.Metadata;

/// <summary>
/// Says at the start, while developing, what would otherwise fail at the first call: an argument or result type
/// of a grain interface that nothing can write.
/// </summary>
internal static class ManifestCheck
{
    public static void Run(IEnumerable<Type> requests)
    {
        var faults = requests.Where(type => !type.IsGenericTypeDefinition).SelectMany(FaultsOf).Distinct().ToArray();
        if (faults.Length == 0) return;
        throw new OrleansConfigurationException(
            "Some types in grain interfaces have no serializer; give them [GenerateSerializer]: "
            + string.Join("; ", faults));
    }

    private static IEnumerable<string> FaultsOf(Type request)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var call = request.GetMethod("Call", own);
        var result = call?.ReturnType is { IsGenericType: true } returned ? returned.GetGenericArguments() : [];
        return request.GetFields().Select(field => field.FieldType).Concat(result)
            .Where(type => !CodecTable.Has(type))
            .Select(type => $"{type} in {request.Name.Replace("Invokable_", "", StringComparison.Ordinal)}");
    }
}
