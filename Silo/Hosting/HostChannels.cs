using System.Collections;
using System.Collections.Immutable;
using OrleansEtl.Channels;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Hosting;

/// <summary>
/// The channels of this process: environment variables <c>ETL_CONNECTION_NAME</c> that hold a mapping in braces, then the file that
/// <c>ETL_CONNECTIONS</c> names. They are read for each message, so that a secret can change while the process runs.
/// </summary>
public sealed class HostChannels(Func<IDictionary> variables) : IChannels
{
    private const string WrongCode = "ETL6752";

    internal static bool IsChannel(object? variable) => variable is string text && text.AsSpan().TrimStart() is ['{', ..];

    public ImmutableArray<string> Names
    {
        get
        {
            var environment = variables();
            return
            [
                .. environment.Keys.Cast<string>()
                    .Where(key => key.StartsWith(NamedConnections.VariableStart, StringComparison.Ordinal) && IsChannel(environment[key]))
                    .Select(key => key[NamedConnections.VariableStart.Length..].ToLowerInvariant())
                    .Concat(Entries(environment).Select(entry => entry.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ];
        }
    }

    public Channel? Find(string name)
    {
        var environment = variables();
        var entry = environment[NamedConnections.Variable(name)] is string text && IsChannel(text)
            ? Valid(ChannelsFile.ReadOne(name, text))
            : Entries(environment).FirstOrDefault(one => one.Name == name);
        return entry switch
        {
            null => null,
            ChannelEntry.Webhook hook => new Channel.Webhook(
                Url(name, Text(environment, name, hook.Url)!), Text(environment, name, hook.Secret), hook.IsPrivate),
            ChannelEntry.Mail mail => new Channel.Mail(
                mail.Host, mail.Port, mail.From, mail.To, mail.StartTls, mail.User, Text(environment, name, mail.Secret),
                mail.Authority is { } file ? Path.Combine(Folder(environment), file) : null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Uri Url(string name, string text) => ChannelsFile.IsUrl(text) ? new Uri(text)
        : throw Wrong($"The channel {name} has an address that is none; expected url: https://…, without a user in it.");

    private static string? Text(IDictionary environment, string channel, ChannelText? text) => text switch
    {
        null => null,
        { Text: { } plain } => plain,
        { Variable: { } variable } => environment[variable] is string { Length: > 0 } value ? value
            : throw Wrong($"The channel {channel} takes something of the variable {variable}, which is not set where it is sent from."),
        _ => HostConnections.Read(Path.Combine(Folder(environment), text.File!), $"channel '{channel}'").Trim(),
    };

    /// <summary>Of the file of connections: what it names is beside it.</summary>
    private static string Folder(IDictionary environment) => environment[HostConnections.FileVariable] is string { Length: > 0 } file
        ? Path.GetDirectoryName(Path.GetFullPath(file))! : Directory.GetCurrentDirectory();

    private static ImmutableArray<ChannelEntry> Entries(IDictionary environment) =>
        environment[HostConnections.FileVariable] is string { Length: > 0 } file
            ? Valid(ChannelsFile.Read(HostConnections.Read(file, HostConnections.FileVariable), file)) : [];

    private static T Valid<T>(Outcome<T> outcome) where T : notnull => outcome.Succeeded ? outcome.Value : throw new FaultException(outcome.Fault);

    private static FaultException Wrong(string message) => new(new Fault(FaultKind.Invalid, WrongCode, message));
}
