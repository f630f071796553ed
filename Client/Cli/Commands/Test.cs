using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Cli.Testing;
using OrleansEtl.Definitions;
using OrleansEtl.Definitions.Testing;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl test PATH…</c>: the cases of <c>NAME.test.yaml</c>, in a home that is made for them and removed afterwards.</summary>
internal static class Test
{
    private static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files NAME.test.yaml, pipelines beside which one stands, and folders with such files", Arity = ArgumentArity.OneOrMore,
    };
    private static readonly Option<string?> Env = new(NamedEnvironments.Option.Name)
    {
        Description = "The environment of the cases that name none with `env:`, themselves or on top of their file",
        HelpName = NamedEnvironments.Option.HelpName,
    };
    private static readonly Option<int> Parallel = new("--parallel")
    {
        Description = "So many cases at once, 1 to 64 [default: one a processor]", HelpName = "N",
        DefaultValueFactory = _ => Math.Min(Environment.ProcessorCount, 64),
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var n) && n is >= 1 and <= 64))
                    result.AddError($"--parallel is a number from 1 to 64; found '{result.Tokens[0].Value}'");
            },
        },
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("test", "Run the tests that stand beside pipelines; nothing outside is written unless a case says `loads: true`")
        {
            Paths,
        };
        command.With(Env, Parallel, CommonOptions.Allow, CommonOptions.AllowProgram, CommonOptions.Output);
        command.SetAction(async (parsed, _) => (int)await Run(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Run(ParseResult parsed, Surroundings surroundings)
    {
        var terminal = surroundings.Terminal;
        var found = PipelineFolder.Tests(parsed.GetValue(Paths)!.Select(TestOf), FolderBounds.Default);
        ImmutableArray<Fault> faults = found is { Files: [], Faults: [] }
            ? [new Fault(FaultKind.NotFound, "ETL6132", $"There is no test in {string.Join(", ", parsed.GetValue(Paths)!)}.", null,
                "Tests stand in NAME.test.yaml beside NAME.yaml.")]
            : found.Faults;
        if (faults.Length > 0) return FaultText.PrintAll(terminal, faults);
        var files = found.Files.Select(file => In(parsed.GetValue(Env), TestReader.ReadFile(file))).ToArray();
        var environments = new NamedEnvironments(surroundings);
        var pipelines = files.Where(file => !file.HasErrors)
            .SelectMany(file => file.Cases.Select(one => (file.Pipeline, one.Environment))).Distinct()
            .ToDictionary(one => one, one => environments.Check(one.Pipeline, one.Environment));
        foreach (var file in files) terminal.Talk.Write(DiagnosticText.Render(file.Diagnostics, file.Text));
        foreach (var pipeline in pipelines.Values) terminal.Talk.Write(DiagnosticText.Render(pipeline.Diagnostics, pipeline.Text));
        if (files.Any(file => file.HasErrors) || pipelines.Values.Any(pipeline => pipeline.HasErrors)) return ExitCode.InvalidFile;

        using var interrupts = new Interrupts(terminal);
        var results = await All(parsed, surroundings, environments, files, pipelines, interrupts.Token);
        if (parsed.IsJson()) JsonText.Print(terminal.Data, json => TestText.Json(json, results));
        else TestText.Print(terminal, results);
        return results.All(result => result.HasPassed) ? ExitCode.Succeeded : ExitCode.RunFailed;
    }

    private static TestFile In(string? environment, TestFile file) =>
        file with { Cases = [.. file.Cases.Select(one => one with { Environment = one.Environment ?? environment })] };

    /// <summary><c>orders.test.yaml</c> for <c>orders.yaml</c>; everything else is itself.</summary>
    private static string TestOf(string path) =>
        !PipelineFolder.IsTest(path) && Path.GetExtension(path) is ".yaml" or ".yml" ? Path.ChangeExtension(path, ".test" + Path.GetExtension(path)) : path;

    private static async Task<ImmutableArray<CaseResult>> All(
        ParseResult parsed, Surroundings surroundings, NamedEnvironments environments, TestFile[] files,
        Dictionary<(string, string?), CheckedPipeline> pipelines, CancellationToken cancellation)
    {
        var home = Directory.CreateTempSubdirectory("etl-test-").FullName;
        try
        {
            var settings = new HomeSettings(
                home,
                [.. (parsed.GetValue(CommonOptions.Allow) ?? []).Concat(files.Select(file => Path.GetDirectoryName(Path.GetFullPath(file.Pipeline))!))
                    .Select(Path.GetFullPath).Distinct()],
                CommonOptions.AllowedPrograms(parsed));
            await using var etl = surroundings.Open(settings);
            var others = new OtherPipelines(etl, environments, surroundings.Kinds.Specs);
            using var places = new SemaphoreSlim(parsed.GetValue(Parallel));
            var cases = files.SelectMany(file => file.Cases.Select(one => (File: file, Case: one))).ToArray();
            return [.. await Task.WhenAll(cases.Select(async (one, number) =>
            {
                await places.WaitAsync(cancellation);
                try
                {
                    var pipeline = pipelines[(one.File.Pipeline, one.Case.Environment)].Spec!;
                    var given = Path.Combine(home, "given", $"{number}");
                    return await new CaseRun(one.File, one.Case, pipeline, etl, others, given, surroundings).Run(cancellation);
                }
                finally
                {
                    places.Release();
                }
            }))];
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }
}
