using System.Text.Json;
using OrleansEtl.Cli.Output;
using OrleansEtl.Cli.Progress;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class OutputStays
{
    [Fact]
    public void The_json_of_a_succeeded_run() => Golden.Matches("run-succeeded.json", Print(Piped(), s => JsonText.Print(s.Data, j => JsonText.Run(j, Succeeded, At(20)))));

    [Fact]
    public void The_json_of_a_failed_run() => Golden.Matches("run-failed.json", Print(Piped(), s => JsonText.Print(s.Data, j => JsonText.Run(j, Failed, At(20)))));

    [Fact]
    public void The_table_of_a_run_in_a_pipe() => Golden.Matches("run-piped.txt", Print(Piped(), s => RunText.PrintTable(s, Succeeded, At(20))));

    [Fact]
    public void The_table_of_a_run_on_a_terminal() => Golden.Matches("run-terminal.txt", Print(OnTerminal(), s => RunText.PrintTable(s, Failed, At(20))));

    [Fact]
    public void The_words_of_a_failure() => Golden.Matches("run-failure.txt", Print(Piped(), s => RunText.PrintFailure(s, Failed, null, " --home h")));

    [Fact]
    public void The_plain_lines_of_a_run() => Golden.Matches("progress-plain.txt", Print(Piped(), s => ShowAll(new PlainScreen(s.Talk))));

    [Fact]
    public void The_live_view_of_a_run() => Golden.Matches("progress-live.txt", Print(OnTerminal(), s => ShowAll(new LiveScreen(s))));

    [Fact]
    public void The_json_lines_of_a_run() => Golden.Matches("progress-json.txt", Print(Piped(), s => ShowAll(new JsonScreen(s.Talk))));

    [Fact]
    public void The_json_of_a_run_that_is_held_up() =>
        Golden.Matches("run-held-up.json", Print(Piped(), s => JsonText.Print(s.Data, j => JsonText.Run(j, HeldUp, At(20)))));

    [Fact]
    public void The_table_of_a_run_that_is_held_up() =>
        Golden.Matches("run-held-up.txt", Print(OnTerminal(), s => RunText.PrintTable(s, HeldUp, At(20))));

    [Fact]
    public void The_live_view_of_a_run_that_is_held_up() => Golden.Matches("progress-held-up.txt", Print(OnTerminal(), s =>
    {
        new LiveScreen(s).Show(HeldUp, At(5));
        new PlainScreen(s.Talk).Show(HeldUp, At(5));
    }));

    [Fact]
    public void As_many_steps_are_done_as_have_ended_and_how_is_told()
    {
        Assert.Contains(", 2 of 2 steps done  ", RunText.Verdict(Piped().Terminal, Succeeded, At(20)));
        Assert.Contains(", 2 of 2 steps done: 1 failed, 1 skipped  ", RunText.Verdict(Piped().Terminal, Failed, At(20)));
        Assert.Contains(", 1 of 4 steps done  ", RunText.Verdict(Piped().Terminal, Running, At(20)));
    }

    [Fact]
    public void Plain_progress_speaks_of_what_runs_every_ten_seconds_and_not_more_often()
    {
        var screen = Piped();
        var plain = new PlainScreen(screen.Talk);
        for (var second = 5; second <= 34; second++) plain.Show(Running, At(second));
        Assert.Equal(2, screen.Talk.ToString().Split('\n').Count(l => l.Contains("clean  running  50 %")) - 1);
    }

    [Fact]
    public void Unknown_counts_are_null_and_never_zero()
    {
        var text = Print(Piped(), s => JsonText.Print(s.Data, j => JsonText.Run(j, Failed, At(20))));
        var step = JsonDocument.Parse(text).RootElement.GetProperty("steps")[1];
        Assert.Equal(JsonValueKind.Null, step.GetProperty("rows_in").ValueKind);
        Assert.Equal(JsonValueKind.Null, step.GetProperty("duration_seconds").ValueKind);
    }

    [Theory]
    [InlineData(950, "950")]
    [InlineData(1_234, "1.2k")]
    [InlineData(84_000, "84k")]
    [InlineData(999_499, "999k")]
    [InlineData(999_500, "1M")]
    [InlineData(1_234_567, "1.2M")]
    [InlineData(84_000_000, "84M")]
    public void Rates_are_short(double rate, string text) => Assert.Equal(text, Words.Short(rate));

    private static void ShowAll(IProgressScreen screen)
    {
        screen.Show(Running, At(5));
        screen.Show(Running, At(16));
        screen.Show(Succeeded, At(17));
        screen.Close();
    }

    private static string Print(Screen screen, Action<Terminal> print)
    {
        print(screen.Terminal);
        return screen.Data + screen.Talk.ToString();
    }
}
