using System.CommandLine;
using System.Reflection;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl version</c></summary>
internal static class VersionOf
{
    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("version", "Print the version");
        command.SetAction(_ =>
        {
            var version = typeof(VersionOf).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            surroundings.Terminal.Data.WriteLine($"etl {version.Split('+')[0]}");
            return (int)ExitCode.Succeeded;
        });
        return command;
    }
}
