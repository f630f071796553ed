using System.Collections;
using System.Collections.Immutable;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Hosting;

/// <summary>
/// The connections of this process: environment variables <c>ETL_CONNECTION_NAME</c>, then the file that
/// <c>ETL_CONNECTIONS</c> names. They are read when a step asks, so that a secret can change while the process runs.
/// </summary>
public static class HostConnections
{
    public const string FileVariable = "ETL_CONNECTIONS";
    private const string InvalidCode = "ETL3802";

    public static IConnections Of(Func<IDictionary> environment) => new NamedConnections(
        () => Names(environment()), Texts(environment));

    /// <summary>What stands under a name; null: there is none.</summary>
    public static Func<string, string?> Texts(Func<IDictionary> environment) => name => Text(environment(), name);

    private static IEnumerable<string> Names(IDictionary environment) => environment.Keys.Cast<string>()
        .Where(key => key.StartsWith(NamedConnections.VariableStart, StringComparison.Ordinal) && !HostChannels.IsChannel(environment[key]))
        .Select(key => key[NamedConnections.VariableStart.Length..].ToLowerInvariant())
        .Concat(Entries(environment).Select(entry => entry.Name)).Distinct(StringComparer.Ordinal);

    private static string? Text(IDictionary environment, string name)
    {
        if (environment[NamedConnections.Variable(name)] is string { Length: > 0 } text && !HostChannels.IsChannel(text)) return text;
        if (Entries(environment).FirstOrDefault(entry => entry.Name == name) is not { } entry) return null;
        if (entry.Text is not null) return entry.Text;
        var folder = Path.GetDirectoryName(Path.GetFullPath((string)environment[FileVariable]!))!;
        return Read(Path.Combine(folder, entry.File!), $"connection '{name}'").Trim();
    }

    private static ImmutableArray<ConnectionEntry> Entries(IDictionary environment)
    {
        if (environment[FileVariable] is not string { Length: > 0 } file) return [];
        var entries = ConnectionsFile.Read(Read(file, FileVariable), file);
        return entries.Succeeded ? entries.Value : throw new FaultException(entries.Fault);
    }

    internal static string Read(string file, string what)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(new Fault(
                FaultKind.Invalid, InvalidCode, $"{what}: the file {file} cannot be read."));
        }
    }
}
