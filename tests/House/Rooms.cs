using System.Xml.Linq;

namespace OrleansEtl.House.Tests;

/// <summary>The walls between the rooms. An arrow that is not drawn here is a decision that somebody has to make, and to draw.</summary>
public class Rooms
{
    /// <summary>Who may reference whom. A room on the left knows those on the right and nobody else.</summary>
    private const string Arrows = """
        Grains.Interfaces   ->
        Engine              -> Grains.Interfaces
        Data                -> Grains.Interfaces Engine
        Warden              ->
        Channels            -> Grains.Interfaces
        Steps               -> Grains.Interfaces Engine Data Warden
        Storage             -> Grains.Interfaces Engine
        Shells              -> Grains.Interfaces Engine Data Steps Storage Channels
        Definitions         -> Grains.Interfaces Engine
        Client              -> Grains.Interfaces Definitions
        Silo                -> Grains.Interfaces Engine Data Steps Storage Channels Shells Definitions Client
        Cli                 -> Grains.Interfaces Definitions Steps Client Silo
        Testing             -> Grains.Interfaces Data Steps Client
        OwnKinds            -> Grains.Interfaces Steps Cli
        Runtime             -> Runtime.Generator
        Runtime.Generator   ->
        """;

    [Fact]
    public void A_room_references_only_the_rooms_that_it_may_know()
    {
        var allowed = Arrows.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split("->"))
            .ToDictionary(p => p[0].Trim(), p => p[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet());

        var wrong = new List<string>();
        foreach (var project in Repository.Files("*.csproj").Where(p => IsRoom(Repository.Relative(p))))
        {
            var room = Room(project);
            if (!allowed.TryGetValue(room, out var known))
            {
                wrong.Add($"{room} is not drawn");
                continue;
            }
            wrong.AddRange(References(project).Where(r => !known.Contains(r)).Select(r => $"{room} -> {r} is not drawn"));
        }
        Law.Holds(wrong);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("OrleansEtl.sln").Replace('\\', '/');
        Law.Holds(Repository.Files("*.csproj").Select(Repository.Relative).Where(p => !solution.Contains(p)));
    }

    [Fact]
    public void The_engine_has_never_heard_of_the_world()
    {
        string[] strangers =
            ["Orleans;", "Orleans.", "System.Text.Json", "Microsoft.Extensions", "System.IO", "System.Threading", "System.Data", "System.Net"];
        var wrong = Repository.Files("*.cs", "Grains/Engine").SelectMany(file => File.ReadLines(file)
            .Where(line => strangers.Any(s => line.StartsWith("using " + s, StringComparison.Ordinal)
                || line.StartsWith("using static " + s, StringComparison.Ordinal)))
            .Select(line => $"{Repository.Relative(file)}: {line}"));
        Law.Holds(wrong);
    }

    [Fact]
    public void Versions_of_packages_stand_in_one_file()
    {
        var wrong = Repository.Files("*.csproj").Where(p => XDocument.Load(p).Descendants("PackageReference")
            .Any(r => r.Attribute("Version") is not null || r.Attribute("VersionOverride") is not null));
        Law.Holds(wrong.Select(Repository.Relative));
    }

    private static bool IsRoom(string project) => !project.StartsWith("tests/") && !project.StartsWith("benchmarks/");

    private static string Room(string project) => Path.GetFileNameWithoutExtension(project)["OrleansEtl.".Length..];

    private static IEnumerable<string> References(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(r => Room(r.Attribute("Include")!.Value.Replace('\\', '/')));
}
