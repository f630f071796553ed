using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansEtl.Definitions;

/// <summary>A channel of alerts as a file of connections defines it.</summary>
public abstract record ChannelEntry(string Name)
{
    /// <param name="Secret">Signs what is sent; null: nothing does.</param>
    /// <param name="IsPrivate">Whether it may be at an address of this machine or of a private network.</param>
    public sealed record Webhook(string Name, ChannelText Url, ChannelText? Secret, bool IsPrivate) : ChannelEntry(Name)
    {
        public override string ToString() => Name;
    }

    /// <param name="Authority">A file with certificates that the server's may be signed by.</param>
    public sealed record Mail(
        string Name, string Host, int Port, string From, ImmutableArray<string> To, bool StartTls, string? User, ChannelText? Secret,
        string? Authority) : ChannelEntry(Name)
    {
        public override string ToString() => Name;
    }
}

/// <summary>A text that may stand elsewhere; one of the three is given.</summary>
public sealed record ChannelText(string? Text, string? File, string? Variable)
{
    public override string ToString() => "";
}

/// <summary>The channels of a file of connections: its entries that are mappings with <c>channel</c>. Faults name the entry and the field, never
/// what stands there.</summary>
public static partial class ChannelsFile
{
    private const string Code = "ETL6752";
    private const int DefaultPort = 587;
    public const int RecipientsMax = 50;

    private static readonly ImmutableArray<string> WebhookFields = ["channel", "url", "secret", "private"];
    private static readonly ImmutableArray<string> MailFields =
        ["channel", "host", "port", "from", "to", "starttls", "user", "secret", "authority"];

    [GeneratedRegex(@"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}$", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"^[A-Za-z0-9.:_-]{1,253}$", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    /// <summary>Whether an entry of a file of connections is a channel, and so no connection.</summary>
    internal static bool IsChannel(Node value) => value is Node.Mapping map && map.Entries.Any(entry => entry.Key.Text == "channel");

    public static Outcome<ImmutableArray<ChannelEntry>> Read(string text, string file)
    {
        var findings = new Findings(file, 1);
        // What is wrong with the file itself is said where its connections are read.
        if (TreeReader.Read(text, YamlBounds.Default, findings) is not Node.Mapping map || findings.HasErrors) return ImmutableArray<ChannelEntry>.Empty;
        var entries = ImmutableArray.CreateBuilder<ChannelEntry>();
        foreach (var (key, value) in map.Entries.Where(entry => IsChannel(entry.Value)))
        {
            var entry = Entry(key.Text, (Node.Mapping)value);
            if (!entry.Succeeded) return entry.Fault;
            entries.Add(entry.Value);
        }
        return entries.ToImmutable();
    }

    /// <summary>A channel that a variable defines, as the mapping in braces.</summary>
    public static Outcome<ChannelEntry> ReadOne(string name, string text)
    {
        var findings = new Findings(name, 1);
        return TreeReader.Read(text, YamlBounds.Default, findings) is Node.Mapping map && !findings.HasErrors
            ? Entry(name, map) : Wrong(name, "is not a mapping", "channel");
    }

    private static Outcome<ChannelEntry> Entry(string name, Node.Mapping map)
    {
        var kind = Text(map, "channel");
        var known = kind == "mail" ? MailFields : WebhookFields;
        if (kind is not ("webhook" or "mail")) return Wrong(name, "is neither a webhook nor mail", "channel");
        if (map.Entries.FirstOrDefault(entry => !known.Contains(entry.Key.Text)) is { } strange)
            return Wrong(name, Spelling.Nearest(strange.Key.Text, known) is { } nearest ? $"has a field that was perhaps meant as `{nearest}`"
                : "has a field that is none", string.Join(", ", known));
        if (map.Entries.Select(entry => entry.Key.Text).Distinct().Count() < map.Entries.Length) return Wrong(name, "says something twice", "one of each");
        if (Find(map, "secret") is not null && Elsewhere(map, "secret") is null)
            return Wrong(name, "has its secret in plain sight", "secret: { env: VARIABLE }, or secret: { file: PATH }");
        return kind == "mail" ? Mail(name, map) : Webhook(name, map);
    }

    private static Outcome<ChannelEntry> Webhook(string name, Node.Mapping map)
    {
        var url = Elsewhere(map, "url") ?? (Text(map, "url") is { } given ? new ChannelText(given, null, null) : null);
        if (url is null) return Wrong(name, "says no address", "url: https://…");
        if (url.Text is { } text && !IsUrl(text)) return Wrong(name, "has an address that is none", "url: https://…, without a user in it");
        if (Flag(map, "private", false) is not { } isPrivate) return Wrong(name, "says neither true nor false", "private: true");
        return new ChannelEntry.Webhook(name, url, Elsewhere(map, "secret"), isPrivate);
    }

    public static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        && text.Length <= 2_000 && url.UserInfo.Length == 0 && url.Host.Length > 0;

    private static Outcome<ChannelEntry> Mail(string name, Node.Mapping map)
    {
        var port = Find(map, "port") is null ? DefaultPort
            : int.TryParse(Text(map, "port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        ImmutableArray<string?> to = Find(map, "to") switch
        {
            Node.Sequence sequence => [.. sequence.Items.Select(item => (item as Node.Scalar)?.Text)],
            Node.Scalar scalar => [scalar.Text],
            _ => [],
        };
        if (Text(map, "host") is not { } host || !Host().IsMatch(host)) return Wrong(name, "says no server", "host: smtp.example.org");
        if (port is < 1 or > 65_535) return Wrong(name, "has a port that is none", "port: 587");
        if (Text(map, "from") is not { } from || !Address().IsMatch(from)) return Wrong(name, "says no sender", "from: etl@example.org");
        if (to.Length is 0 or > RecipientsMax || !to.All(one => one is not null && Address().IsMatch(one)))
            return Wrong(name, "says no recipients", $"to: [team@example.org], at most {RecipientsMax}");
        if (Flag(map, "starttls", true) is not { } startTls) return Wrong(name, "says neither true nor false", "starttls: true");
        var (user, secret) = (Text(map, "user"), Elsewhere(map, "secret"));
        if (user is null != secret is null) return Wrong(name, "has a user and no secret, or a secret and no user", "both");
        if (user is not null && !startTls) return Wrong(name, "would send its secret unencrypted", "starttls: true");
        return new ChannelEntry.Mail(name, host, port, from, [.. to.Select(one => one!)], startTls, user, secret, Text(map, "authority"));
    }

    private static ChannelText? Elsewhere(Node.Mapping map, string field) =>
        Find(map, field) is Node.Mapping { Entries: [{ Key.Text: "file" or "env", Value: Node.Scalar { Text.Length: > 0 } place } entry] }
            ? entry.Key.Text == "file" ? new ChannelText(null, place.Text, null) : new ChannelText(null, null, place.Text)
            : null;

    private static bool? Flag(Node.Mapping map, string field, bool usual) =>
        Find(map, field) is not { } node ? usual
        : node is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Flag flag ? flag.Value : null;

    private static string? Text(Node.Mapping map, string field) => Find(map, field) is Node.Scalar { Text.Length: > 0 } scalar ? scalar.Text : null;

    private static Node? Find(Node.Mapping map, string field) => map.Entries.FirstOrDefault(entry => entry.Key.Text == field)?.Value;

    private static Fault Wrong(string name, string what, string expected) =>
        new(FaultKind.Invalid, Code, $"The channel {name} {what}; expected {expected}.", null, "See how channels are defined: etl explain ETL6752");
}
