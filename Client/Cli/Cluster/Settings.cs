using System.CommandLine;
using System.Net;

namespace OrleansEtl.Cli.Cluster;

/// <summary>Settings of long-lived programs: an option, else an environment variable, else a default. A mistake says where the value
/// came from.</summary>
internal sealed class Settings(ParseResult parsed)
{
    /// <summary>Null when neither the option nor the variable is given.</summary>
    public Setting? Find(Option<string?> option, string variable) =>
        parsed.GetResult(option) is { Implicit: false } && parsed.GetValue(option) is { } given ? new Setting(option.Name, given)
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? new Setting(variable, value)
        : null;

    /// <summary>The first line of the file that is named, or the value itself; a file keeps secrets out of lists of processes.</summary>
    public string? Secret(Setting? value, Setting? file)
    {
        if (file is null) return value?.Value;
        if (value is not null && value.Source.StartsWith("--", StringComparison.Ordinal))
            throw Wrong(file, $"{value.Source} is given too", "one of the two");
        try
        {
            return System.IO.File.ReadLines(file.Value).FirstOrDefault()?.Trim() is { Length: > 0 } line ? line
                : throw Wrong(file, $"{file.Value} is empty", "a file whose first line is the value");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, $"{file.Value} cannot be read ({e.Message})", "a file that this user can read");
        }
    }

    /// <summary>The path of a file that is there.</summary>
    public static string? File(Setting? setting) =>
        setting is null ? null
        : System.IO.File.Exists(setting.Value) ? Path.GetFullPath(setting.Value)
        : throw Wrong(setting, $"no file {setting.Value}", "a PEM file that this user can read");

    public static int Number(Setting? setting, int otherwise, int least, int most) =>
        setting is null ? otherwise
        : int.TryParse(setting.Value, out var number) && number >= least && number <= most ? number
        : throw Wrong(setting, $"`{setting.Value}`", $"a number from {least} to {most}");

    public static long? Bytes(Setting? setting) =>
        setting is null ? null
        : Sizes.TryParse(setting.Value, out var bytes) && bytes >= 64 << 20 ? bytes
        : throw Wrong(setting, $"`{setting.Value}`", "a size of at least 64MiB, such as 512MB or 2GiB");

    public static IPAddress? Address(Setting? setting) =>
        setting is null ? IPAddress.Loopback
        : setting.Value == "auto" ? null
        : IPAddress.TryParse(setting.Value, out var address) && !address.Equals(IPAddress.Any) ? address
        : throw Wrong(setting, $"`{setting.Value}`", "an IP address that other silos can reach, or auto");

    public static FaultException Wrong(Setting setting, string found, string expected) => new(new Fault(
        FaultKind.Invalid, CliCodes.WrongSetting, $"{setting.Source}: found {found}; expected {expected}.", null,
        "See all settings with: etl silo --help"));

    public static FaultException Missing(string option, string variable, string what) => new(new Fault(
        FaultKind.Invalid, CliCodes.WrongSetting, $"{what} is not given.", null, $"Give it with {option} or {variable}."));
}

/// <param name="Source">The option or the variable.</param>
internal sealed record Setting(string Source, string Value);
