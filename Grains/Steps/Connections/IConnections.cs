using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps;

/// <summary>Connections by the names that pipelines give them. A pipeline never holds the secret; the process that runs the step
/// knows it.</summary>
public interface IConnections
{
    /// <summary>What stands under a name, secrets included.</summary>
    /// <exception cref="FaultException">There is none of that name here; says which there are and how to define
    /// one.</exception>
    string Text(string name);

    /// <summary>The same, as the address of a database.</summary>
    PostgresAddress Find(string name) => new(name, Text(name));
}

/// <summary>Connections from settings of the host: names and texts as they are found at the moment of use.</summary>
/// <param name="known">All names.</param>
/// <param name="text">The connection string of a name; null when there is none.</param>
public sealed class NamedConnections(Func<IEnumerable<string>> known, Func<string, string?> text) : IConnections
{
    /// <summary>None at all.</summary>
    public static readonly NamedConnections None = new(() => [], _ => null);

    public static NamedConnections Of(params (string Name, string Text)[] connections) => new(
        () => connections.Select(one => one.Name),
        name => connections.FirstOrDefault(one => one.Name == name).Text);

    public string Text(string name) => text(name) is { Length: > 0 } found ? found : throw Unknown(name);

    /// <summary>The environment variable that defines a connection.</summary>
    public static string Variable(string name) =>
        VariableStart + name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');

    public const string VariableStart = "ETL_CONNECTION_";

    private FaultException Unknown(string name)
    {
        var names = known().Order(StringComparer.Ordinal).ToList();
        var meant = Spelling.Nearest(name, names) is { } nearest ? $"Did you mean '{nearest}'? " : "";
        return new FaultException(new Fault(
            FaultKind.Invalid, PostgresCodes.ConnectionUnknown,
            $"there is no connection '{name}' where the step runs ({StepFaults.Names(names)}).", "with.connection",
            $"{meant}Define it there with the environment variable {Variable(name)}, or in the file that ETL_CONNECTIONS names."));
    }
}
