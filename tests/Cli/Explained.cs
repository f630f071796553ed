using OrleansEtl.Steps;

namespace OrleansEtl.Cli.Tests;

/// <summary>What <c>etl explain</c>, <c>--help</c> and <c>etl validate</c> say is read by people.</summary>
public sealed class Explained
{
    private const int CellCharactersMax = 160;

    public static TheoryData<string> Kinds => [.. StepCatalog.All.Select(kind => kind.Spec.Name)];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_kind_says_in_a_few_words_what_each_of_its_fields_holds(string kind)
    {
        var page = (await Etl(ExitCode.Succeeded, "explain", kind)).Data.ToString();
        var cells = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split(" | ")[1]);
        Assert.All(cells, cell => Assert.InRange(cell.Length, 1, CellCharactersMax));
    }

    [Fact]
    public async Task A_field_of_json_says_so() => Assert.Contains(
        "| `json` | a mapping from names to: any JSON value, nested at most 3 deep |", (await Etl(ExitCode.Succeeded, "explain", "http.request")).Data.ToString());

    [Fact]
    public async Task The_default_of_the_home_is_said_once()
    {
        var line = (await Etl(ExitCode.Succeeded, "runs", "list", "--help")).Data.ToString().Split('\n').Single(one => one.Contains("--home"));
        Assert.Equal(2, line.Split("[default:").Length);
        Assert.Contains("$ETL_HOME", line);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_file_is_called_one()
    {
        var folder = Directory.CreateTempSubdirectory("etl-folder-").FullName;
        try
        {
            var said = (await Etl(ExitCode.NotFound, "validate", folder)).Talk.ToString();
            Assert.Contains($"`{folder}` is a folder; expected a pipeline's file.", said);
            Assert.DoesNotContain("denied", said);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static async Task<Screen> Etl(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, TimeProvider.System, _ => throw new InvalidOperationException("no home is meant"),
            (_, _) => throw new InvalidOperationException("no cluster is meant"));
        Assert.Equal(code, await EntryPoint.Run(arguments, surroundings));
        return screen;
    }
}
