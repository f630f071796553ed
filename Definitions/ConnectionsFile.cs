using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>A connection as a file of connections defines it: its text, or the file that holds the text.</summary>
public sealed record ConnectionEntry(string Name, string? Text, string? File)
{
    /// <summary>The name alone: the text is a secret.</summary>
    public override string ToString() => Name;
}

/// <summary>A YAML or JSON map from names to connection strings; channels of alerts (<see cref="ChannelsFile"/>) may stand among them.
/// Faults name lines and names, never what stands
/// there.</summary>
public static class ConnectionsFile
{
    private const string Code = "ETL3802";

    public static Outcome<ImmutableArray<ConnectionEntry>> Read(string text, string file)
    {
        if (text.Split('\n').All(line => line.AsSpan().TrimStart() is "" or ['#', ..])) return ImmutableArray<ConnectionEntry>.Empty;
        var findings = new Findings(file, 1);
        var root = TreeReader.Read(text, YamlBounds.Default, findings);
        if (findings.HasErrors) return Wrong(file, $"is not YAML or JSON (line {findings.All()[0].Line})");
        if (root is not Node.Mapping map) return Wrong(file, "is not a map from names to connection strings");
        var entries = ImmutableArray.CreateBuilder<ConnectionEntry>();
        foreach (var (key, value) in map.Entries)
        {
            if (ChannelsFile.IsChannel(value)) continue;
            if (entries.Any(entry => entry.Name == key.Text)) return Wrong(file, $"defines '{key.Text}' twice");
            if (Entry(key.Text, value) is not { } entry)
                return Wrong(file, $"defines '{key.Text}' neither by a connection string nor as {{file: PATH}}");
            entries.Add(entry);
        }

        return entries.ToImmutable();
    }

    private static ConnectionEntry? Entry(string name, Node value) => value switch
    {
        Node.Scalar { Text.Length: > 0 } text => new ConnectionEntry(name, text.Text, null),
        Node.Mapping { Entries: [{ Key.Text: "file", Value: Node.Scalar { Text.Length: > 0 } path }] } =>
            new ConnectionEntry(name, null, path.Text),
        _ => null,
    };

    private static Fault Wrong(string file, string what) => new(
        FaultKind.Invalid, Code, $"The file of connections {file} {what}.",
        Hint: "For example: warehouse: \"Host=db.example;Database=shop;Username=etl;Password=…\"");
}
