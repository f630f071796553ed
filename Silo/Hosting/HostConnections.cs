using System.Collections;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Hosting;

/// <summary>Databases that this process knows by name: one an environment variable, <c>ETL_CONNECTION_NAME</c>.</summary>
internal static class HostConnections
{
    public static NamedConnections OfEnvironment { get; } = new(Names, name => Environment.GetEnvironmentVariable(NamedConnections.Variable(name)));

    private static IEnumerable<string> Names() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(variable => (string)variable.Key)
        .Where(name => name.StartsWith(NamedConnections.VariableStart, StringComparison.Ordinal))
        .Select(name => name[NamedConnections.VariableStart.Length..].ToLowerInvariant());
}
