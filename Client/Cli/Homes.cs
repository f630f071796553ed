using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Silo.Hooks;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli;

/// <summary>Opens homes as the command line and the environment say.</summary>
internal static class Homes
{
    public const string Cache = "ETL_CACHE";
    public const string Memory = "ETL_MEMORY";
    public const string Threads = "ETL_THREADS";

    public static IHome Open(HomeSettings settings, StepKinds kinds) => EmbeddedEtl.Open(
        new EmbeddedOptions(settings.Home)
        {
            Cache = Variable(Cache) is { } folder ? Path.GetFullPath(folder) : null,
            AllowedFolders = settings.Allowed,
            AllowedPrograms = settings.Programs,
            Kinds = kinds,
            Hooks = settings.Hooks,
            MemoryBytes = Variable(Memory) is { } size ? Bytes(size) : null,
            Threads = Variable(Threads) is { } count ? Count(count) : null,
        },
        TimeProvider.System);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static long Bytes(string text) => Sizes.TryParse(text, out var bytes) && bytes > 0
        ? bytes
        : throw Wrong(Memory, text, "a size such as 512MB or 2GiB");

    private static int Count(string text) => int.TryParse(text, out var count) && count is > 0 and <= 1024
        ? count
        : throw Wrong(Threads, text, "a number from 1 to 1024");

    private static FaultException Wrong(string variable, string found, string expected) => new(new Fault(
        FaultKind.Invalid, CliCodes.WrongSetting, $"The variable {variable} is `{found}`; expected {expected}."));
}

/// <param name="Home">An absolute folder.</param>
/// <param name="Allowed">Absolute folders besides those of the pipeline, the home and the cache, whose files may be read and written.</param>
/// <param name="Programs">Those that steps may run: names or absolute paths.</param>
/// <param name="Hooks">Where webhooks are taken while the home is driven; null: nowhere.</param>
internal sealed record HomeSettings(string Home, ImmutableArray<string> Allowed, ImmutableArray<string> Programs, HookSettings? Hooks = null);
