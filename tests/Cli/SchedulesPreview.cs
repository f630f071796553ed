using System.Text.Json;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Tests;

public class SchedulesPreview
{
    private static readonly string[] Spring = ["30 2 * * *", "--zone", "Europe/Berlin", "--from", "2026-03-28", "--count", "3"];
    private static readonly string[] Autumn = ["*/30 * * * *", "--zone", "Europe/Berlin", "--from", "2026-10-25T01:30", "--count", "6"];

    [Fact]
    public async Task The_table_says_what_the_clock_does_to_a_fixed_time() =>
        Golden.Matches("schedule-gap-terminal.txt", (await Preview(ExitCode.Succeeded, onTerminal: true, Spring)).Data.ToString());

    [Fact]
    public async Task The_table_says_what_the_clock_does_to_a_rhythm() =>
        Golden.Matches("schedule-overlap-terminal.txt", (await Preview(ExitCode.Succeeded, onTerminal: true, Autumn)).Data.ToString());

    [Fact]
    public async Task A_pipe_gets_moments_that_programs_read() =>
        Golden.Matches("schedule-gap-piped.txt", (await Preview(ExitCode.Succeeded, onTerminal: false, Spring)).Data.ToString());

    [Fact]
    public async Task The_json()
    {
        var text = (await Preview(ExitCode.Succeeded, onTerminal: false, [.. Spring, "-o", "json"])).Data.ToString();
        var edition = JsonDocument.Parse(text).RootElement.GetProperty("tzdb").GetString()!;
        Golden.Matches("schedule-gap.json", text.Replace(edition, "EDITION"));
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once() => Golden.Matches("schedule-wrong.txt", (await Preview(
        ExitCode.Usage, onTerminal: false, "61 */0 30 FEV MONDAY", "--zone", "Narnia", "--from", "soon", "--at", "25:00")).Talk.ToString()
            .Replace(Engine.Schedules.Times.Zone.Edition, "EDITION"));

    [Theory]
    [InlineData("2026-11-20T02:30:00Z 2026-11-20T02:45:00Z", "--every", "15m", "--count", "2")] // from now, which is due itself
    [InlineData("2026-11-20T03:05:00Z 2026-11-20T04:35:00Z", "--every", "90m", "--anchor", "2026-01-01T00:05Z", "--count", "2")]
    [InlineData("2026-01-31T05:00:00Z 2026-02-28T05:00:00Z 2026-03-31T04:00:00Z", "--every", "1 month", "--anchor", "2026-01-31", "--at", "06:00",
        "--zone", "Europe/Berlin", "--from", "2026-01-01", "--count", "3")]
    [InlineData("2026-11-30T00:00:00Z 2026-12-14T00:00:00Z", "--every", "2 weeks", "--count", "2")]
    [InlineData("2026-11-21T00:00:00Z", "@daily", "--count", "1")]
    [InlineData("2011-12-30T10:00:00Z 2011-12-30T22:30:00Z", "30 12 * * *", "--zone", "Pacific/Apia", "--from", "2011-12-30T12:00", "--count", "2")]
    public async Task Firings_are_those_from_a_moment_on(string expected, params string[] arguments)
    {
        var json = JsonDocument.Parse((await Preview(ExitCode.Succeeded, false, [.. arguments, "-o", "json"])).Data.ToString()).RootElement;
        Assert.Equal(expected, string.Join(' ', json.GetProperty("firings").EnumerateArray().Select(firing => firing.GetProperty("at").GetString())));
    }

    [Theory]
    [InlineData("ETL4809")] // neither
    [InlineData("ETL4809", "0 0 * * *", "--every", "15m")]
    [InlineData("ETL4809", "0 0 * * *", "--anchor", "2026-01-01")]
    [InlineData("ETL4809", "--every", "15m", "--at", "02:30")]
    [InlineData("ETL4809", "--every", "fortnight")]
    [InlineData("ETL4809", "--every", "1 day", "--anchor", "soon")]
    [InlineData("ETL4711", "--every", "0s")]
    [InlineData("ETL4711", "--every", "500 months")]
    [InlineData("ETL4705", "0 0 30 2 *")]
    [InlineData("ETL4706", "@dayly")]
    [InlineData("--count is a number", "@daily", "--count", "1001")]
    public async Task What_cannot_be_previewed_is_refused_with_its_code(string says, params string[] arguments) =>
        Assert.Contains(says, (await Preview(ExitCode.Usage, false, arguments)).Talk.ToString());

    private static async Task<Screen> Preview(ExitCode code, bool onTerminal, params string[] arguments)
    {
        var screen = new Screen(onTerminal);
        var surroundings = new Surroundings(
            screen.Terminal, new Standing(Examples.Start),
            _ => throw new InvalidOperationException("nothing is opened here"), (_, _) => throw new InvalidOperationException("nothing is connected here"));
        Assert.Equal(code, await EntryPoint.Run(["schedules", "preview", .. arguments], surroundings));
        return screen;
    }

    /// <summary>A clock that stands.</summary>
    private sealed class Standing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
