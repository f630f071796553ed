using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansEtl.Cluster.Tests;

/// <summary>No container engine runs here, so the files are held to their schema, to what the program knows, and to each other; the
/// commands that they run are run by the other tests as processes.</summary>
public partial class DeployFiles
{
    private static readonly string Folder = Path.Combine(ClusterHarness.RepoRoot, "deploy");

    [Fact]
    public async Task The_compose_file_is_of_its_schema_and_says_what_a_cluster_needs()
    {
        var services = (await Compose()).GetProperty("services");
        var silo = services.GetProperty("silo");
        Assert.Equal(2, silo.GetProperty("deploy").GetProperty("replicas").GetInt32());
        Assert.Equal("gateway", silo.GetProperty("networks").GetProperty("default").GetProperty("aliases")[0].GetString());
        Assert.Equal("gateway:30000", services.GetProperty("etl").GetProperty("environment").GetProperty("ETL_CLUSTER").GetString());
        Assert.All(services.EnumerateObject(), service =>
        {
            Assert.True(service.Value.GetProperty("read_only").GetBoolean(), service.Name);
            Assert.Contains("no-new-privileges:true", service.Value.GetProperty("security_opt").EnumerateArray().Select(o => o.GetString()));
        });
        Assert.DoesNotContain(Variables(silo), variable => variable.Contains("PASSWORD") || variable is "ETL_SECRET" or "ETL_POSTGRES");
    }

    [Fact]
    public async Task Every_secret_that_is_used_is_declared_and_made_by_the_script()
    {
        var compose = await Compose();
        var declared = compose.GetProperty("secrets").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetProperty("file").GetString()!);
        var used = compose.GetProperty("services").EnumerateObject()
            .SelectMany(s => s.Value.GetProperty("secrets").EnumerateArray().Select(name => name.GetString()!)).ToHashSet();
        Assert.Equal(declared.Keys.Order(), used.Order());
        var copy = Directory.CreateTempSubdirectory("etl-deploy-").FullName;
        try
        {
            File.Copy(Path.Combine(Folder, "make-secrets"), Path.Combine(copy, "make-secrets"));
            using var made = Process.Start(new ProcessStartInfo("bash", [Path.Combine(copy, "make-secrets")]) { RedirectStandardError = true })!;
            await made.WaitForExitAsync();
            Assert.Equal(0, made.ExitCode);
            Assert.All(declared.Values, file => Assert.True(new FileInfo(Path.Combine(copy, file)).Length > 20, file));
            var password = File.ReadAllText(Path.Combine(copy, declared["postgres_password"]));
            Assert.Contains($"Password={password}", File.ReadAllText(Path.Combine(copy, declared["postgres_connection"])));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public async Task Every_variable_of_the_files_is_one_that_the_program_knows()
    {
        var sources = string.Concat(Directory.EnumerateFiles(Path.Combine(ClusterHarness.RepoRoot, "Client", "Cli"), "*.cs", SearchOption.AllDirectories)
            .Append(Path.Combine(ClusterHarness.RepoRoot, "Grains", "Data", "Duck", "Native", "DuckLibrary.cs")).Select(File.ReadAllText));
        var compose = await Compose();
        var variables = compose.GetProperty("services").EnumerateObject().SelectMany(service => Variables(service.Value))
            .Concat(Setting().Matches(File.ReadAllText(Path.Combine(Folder, "Dockerfile"))).Select(m => m.Value))
            .Where(variable => variable.StartsWith("ETL_", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.NotEmpty(variables);
        Assert.All(variables, variable => Assert.Contains($"\"{variable}\"", sources));
    }

    [Fact]
    public void The_image_copies_what_is_there_and_runs_as_nobody_special()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));
        Assert.Contains("USER $APP_UID", lines);
        Assert.Contains("ENTRYPOINT [\"etl\"]", lines);
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal));
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from"))
            .SelectMany(line => line.Split(' ')[1..^1]);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(ClusterHarness.RepoRoot, path)), path));
        var stages = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal) && line.Contains(" AS ")).Select(line => line.Split(' ')[^1]);
        var used = lines.Where(line => line.Contains("--from=")).Select(line => line.Split("--from=")[1].Split(' ')[0]);
        Assert.Equal(stages.Order(), used.Order());
        var project = lines.Single(line => line.Contains("dotnet publish")).Split(' ').Single(word => word.EndsWith(".csproj", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(ClusterHarness.RepoRoot, project)), project);
    }

    private static async Task<JsonElement> Compose()
    {
        var modules = Environment.GetEnvironmentVariable("ETL_CACHE") ?? throw new InvalidOperationException("ETL_CACHE: run the tests with ./test");
        var script = Path.Combine(ClusterHarness.RepoRoot, "tests", "Cluster", "Deploy", "check-compose.cjs");
        var node = new ProcessStartInfo("node", [script, modules, Path.Combine(Folder, "compose.yaml")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var check = Process.Start(node)!;
        var faults = check.StandardError.ReadToEndAsync();
        var json = await check.StandardOutput.ReadToEndAsync();
        await check.WaitForExitAsync();
        Assert.True(check.ExitCode == 0, await faults);
        return JsonDocument.Parse(json).RootElement;
    }

    private static IEnumerable<string> Variables(JsonElement service) =>
        service.TryGetProperty("environment", out var all) ? all.EnumerateObject().Select(variable => variable.Name) : [];

    [GeneratedRegex("ETL_[A-Z_]+")]
    private static partial Regex Setting();
}
