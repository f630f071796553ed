using System.Collections.Immutable;

namespace OrleansEtl.Steps.Tests;

/// <summary>How programs end, and that nothing of them stays.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class EndingTests : IDisposable
{
    private readonly Home _home = new(Programs.Shell);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void An_exit_code_decides_whether_it_is_tried_again()
    {
        var failed = Programs.Fails("echo out; echo why it is so >&2; exit 4", "retry_codes: [75]");
        Assert.Equal((StepCodes.ProgramFailed, FaultKind.Invalid), (failed.Code, failed.Kind));
        Assert.EndsWith("exit code 4; expected 0.\n  | why it is so", failed.Message);
        var again = Programs.Fails("echo busy; exit 75", "retry_codes: [75]");
        Assert.Equal((StepCodes.ProgramFailed, FaultKind.Unavailable), (again.Code, again.Kind));
        Assert.EndsWith("\n  | busy", again.Message);
    }

    [Theory]
    [InlineData("SEGV", "SIGSEGV", FaultKind.Invalid)]
    [InlineData("KILL", "SIGKILL", FaultKind.Exhausted)]
    [InlineData("TERM", "SIGTERM", FaultKind.Unavailable)]
    public void A_signal_is_called_by_its_name(string signal, string name, FaultKind kind)
    {
        var fault = Programs.Fails($"kill -{signal} $$");
        Assert.Equal((StepCodes.ProgramKilled, kind), (fault.Code, fault.Kind));
        Assert.Contains(name, fault.Message);
    }

    [Fact]
    public async Task One_that_ignores_the_request_to_end_is_killed_with_its_children()
    {
        var outcome = await Programs.StopWhenItSpeaks(_home, $"""
            trap '' TERM
            sh -c 'trap "" TERM; echo $$ >{_home.At("child")}; while :; do sleep 1; done' &
            echo $$ >{_home.At("leader")}
            while [ ! -s {_home.At("child")} ]; do sleep 0.01; done
            while :; do echo ETL_PROGRESS rows=1; sleep 1; done
            """, "grace: 100ms");
        Assert.IsType<StageOutcome.Stopped>(outcome);
        Assert.False(Programs.Lives(_home.At("leader")));
        Assert.False(Programs.Lives(_home.At("child")));
        Assert.True(Programs.LeftNothing(_home));
    }

    [Fact]
    public async Task One_that_hears_the_request_may_put_things_in_order()
    {
        var outcome = await Programs.StopWhenItSpeaks(_home, $"""
            trap 'echo done >{_home.At("order")}; exit 0' TERM
            while :; do echo ETL_PROGRESS rows=1; sleep 0.05; done
            """, "grace: 1m");
        Assert.IsType<StageOutcome.Stopped>(outcome);
        Assert.Equal("done\n", File.ReadAllText(_home.At("order")));
    }

    [Fact]
    public void A_daemon_that_leaves_the_session_does_not_outlive_the_step()
    {
        _home.Run(Programs.Yaml($"""
            (setsid sh -c 'trap "" TERM HUP; echo $$ >{_home.At("daemon")}; exec sleep 1000' >/dev/null 2>&1 &)
            while [ ! -s {_home.At("daemon")} ]; do sleep 0.01; done
            """)).Succeeded();
        Assert.False(Programs.Lives(_home.At("daemon")));
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_ends_everything_and_tells_what_was_said_last()
    {
        var outcome = await _home.Runner.Run(
            Programs.Work(_home, $"echo $$ >{_home.At("leader")}; echo working on it; exec sleep 1000", timeout: TimeSpan.FromSeconds(2)),
            _ => { }, CancellationToken.None);
        var fault = Programs.Failed(outcome);
        Assert.Equal((StepCodes.TimedOut, FaultKind.Exhausted), (fault.Code, fault.Kind));
        Assert.EndsWith("\n  | working on it", fault.Message);
        Assert.False(Programs.Lives(_home.At("leader")));
    }

    [Fact]
    public async Task When_the_warden_is_killed_the_program_is_too_and_the_step_is_tried_again()
    {
        var outcome = await _home.Runner.Run(
            Programs.Work(_home, $"echo $$ >{_home.At("leader")}; kill -9 $PPID; while :; do sleep 1; done"), _ => { }, CancellationToken.None);
        var fault = Programs.Failed(outcome);
        Assert.Equal((StepCodes.ProgramNotStarted, FaultKind.Unavailable), (fault.Code, fault.Kind));
        Assert.True(SpinWait.SpinUntil(() => !Programs.Lives(_home.At("leader")), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task It_leads_a_session_of_its_own_and_tells_how_far_it_is()
    {
        var seen = new List<StepProgress>();
        using var stop = new CancellationTokenSource();
        await _home.Runner.Run(
            Programs.Work(_home, $"cut -d' ' -f1,5,6 /proc/$$/stat >{_home.At("stat")}; echo ETL_PROGRESS rows=30 total=120; exec sleep 1000"),
            steps =>
            {
                if (steps is not [{ Rows: not null } step]) return;
                seen.Add(step);
                stop.Cancel();
            }, stop.Token);
        Assert.Equal((30L, 0.25), (seen[0].Rows!.Value, seen[0].Fraction!.Value));
        var numbers = File.ReadAllText(_home.At("stat")).Trim().Split(' ');
        Assert.Single(numbers.Distinct());
    }

    [Fact]
    public async Task Two_attempts_at_once_work_in_folders_of_their_own()
    {
        var works = Enumerable.Range(1, 3).Select(n => Programs.Work(_home, $"pwd >{_home.At($"folder-{n}")}; while [ $(ls {_home.Folder} | grep -c folder-) -lt 3 ]; do sleep 0.01; done") with { Attempt = new(n) });
        var outcomes = await Task.WhenAll(works.Select(work => _home.Runner.Run(work, _ => { }, CancellationToken.None)));
        Assert.All(outcomes, outcome => Assert.IsType<StageOutcome.Succeeded>(outcome));
        Assert.Equal(3, Enumerable.Range(1, 3).Select(n => File.ReadAllText(_home.At($"folder-{n}"))).Distinct().Count());
        Assert.True(Programs.LeftNothing(_home));
    }

    [Fact]
    public void A_folder_that_a_dead_process_left_is_cleared_by_the_next_one()
    {
        var left = Directory.CreateDirectory(Path.Combine(_home.Engine.Options.ProgramsFolder, "place-0", "work", "deep"));
        File.WriteAllText(Path.Combine(left.FullName, "file"), "");
        left.UnixFileMode = UnixFileMode.None;
        _home.Run(Programs.Yaml("[ \"$(ls)\" = \"inputs\ninputs.json\" ] && chmod 0 inputs && touch \"$(printf 'n\\377o-text')\"")).Succeeded();
        Assert.True(Programs.LeftNothing(_home));
    }
}
