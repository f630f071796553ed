namespace OrleansEtl.Steps.Tests;

/// <summary>Programs that do what programs do, and what the step makes of it.</summary>
public sealed class WildTests : IDisposable
{
    private readonly Home _home = new(Programs.Shell);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Hundreds_of_megabytes_of_talk_are_read_and_little_of_them_is_kept()
    {
        var ran = _home.Run(Programs.Yaml("yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 300000000; echo; echo the end",
            "output_max: 64KiB")).Succeeded();
        var rows = ran.Rows("prog", "log", "SELECT text FROM ({0}) ORDER BY line");
        Assert.Equal("the end", rows[^1]);
        Assert.InRange(rows.Sum(row => row.Length), 30_000, 65_536);
    }

    [Fact]
    public void A_line_without_an_end_is_bounded_too()
    {
        var ran = _home.Run(Programs.Yaml("head -c 20000000 /dev/zero | tr '\\0' x", "output_max: 64KiB")).Succeeded();
        Assert.InRange(ran.Rows("prog", "log", "SELECT sum(length(text)) FROM ({0})").Select(long.Parse).Single(), 1, 66_000);
    }

    [Fact]
    public async Task Filling_the_folder_ends_it()
    {
        var many = Programs.Fails("i=0; while :; do head -c 100000 /dev/zero >f$i; i=$((i+1)); done", "files_max: 1MiB");
        Assert.Equal((StepCodes.ProgramBoundMet, FaultKind.Exhausted), (many.Code, many.Kind));
        var one = Programs.Fails("exec head -c 100000000 /dev/zero >large", "files_max: 1MiB");
        Assert.Equal((StepCodes.ProgramBoundMet, FaultKind.Exhausted), (one.Code, one.Kind));
        var kept = (StageOutcome.Failed)await _home.Runner.Run(
            Programs.Work(_home, "echo said; exec head -c 100000000 /dev/zero >large", "files_max: 1MiB"), _ => { }, CancellationToken.None);
        Assert.EndsWith("\n  | said", kept.Fault.Message);
        Assert.Equal(["log"], kept.Results.Single().Outputs.Select(output => output.Port));
        var quick = Programs.Fails("head -c 900000 /dev/zero >a; head -c 900000 /dev/zero >b", "files_max: 1MiB");
        Assert.Equal(StepCodes.ProgramBoundMet, quick.Code);
    }

    [Theory]
    [InlineData("(echo id,amount; seq 1 200000 | sed 's/$/,5/') >o.csv || :; echo done")]
    [InlineData("sh -c 'seq 1 200000 >o.csv' || :; (trap '' XFSZ; seq 1 200000 >>o.csv) || :")]
    [InlineData("echo a >o.csv; i=0; while [ $i -lt 9 ]; do head -c 20000 /dev/zero >f$i; i=$((i+1)); done")]
    [InlineData("echo a >o.csv; truncate -s 1G hole || :")]
    public void An_output_is_never_cut_off_at_the_bound(string script)
    {
        var full = Programs.Fails(script, "outputs: {out: o.csv}\nfiles_max: 100KiB");
        Assert.Equal((StepCodes.ProgramBoundMet, FaultKind.Exhausted), (full.Code, full.Kind));
    }

    [Fact]
    public void Nor_is_a_file_that_is_gone_before_anybody_looks()
    {
        var ran = _home.Run(Programs.Yaml("seq 1 200000 >t || :; (echo n; wc -l <t) >o.csv; rm t", "outputs: {out: o.csv}\nfiles_max: 100KiB"));
        if (ran["prog"].Status == StepStatus.Failed) Assert.Equal(StepCodes.ProgramBoundMet, ran.Fault("prog").Code);
        else Assert.Equal(["200000"], ran.Rows("prog"));
    }

    [Fact]
    public void The_folder_may_grow_by_all_of_the_bound()
    {
        _home.Run(Programs.Yaml("head -c 4096 /dev/zero >f", "files_max: 4KiB")).Succeeded();
        Assert.Equal(StepCodes.ProgramBoundMet, Programs.Fails("head -c 4097 /dev/zero >f", "files_max: 4KiB").Code);
    }

    [Fact]
    public void Closing_its_streams_does_not_end_it()
    {
        var ran = _home.Run(Programs.Yaml("exec >&- 2>&- <&-; echo a >t.csv || :; printf 'a\\n1\\n' >out.csv", "outputs: {out: out.csv}")).Succeeded();
        Assert.Equal(["1"], ran.Rows("prog"));
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exec </dev/null; printf ''")]
    [InlineData("[ $(wc -c) = 90000 ]")]
    public void Standard_input_need_not_be_read(string script) =>
        _home.Run(Programs.Yaml(script, $"stdin: {new string('x', 90_000)}")).Succeeded();

    [Fact]
    public void It_finds_its_own_environment_and_nothing_of_ours()
    {
        Environment.SetEnvironmentVariable("ETL_CONNECTION_SECRET", "Password=hidden");
        var ran = _home.Run(Programs.Yaml("env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo $HOME $PWD $TZ $MINE; cat /proc/$PPID/environ | tr '\\0' '\\n'",
            "env: {MINE: \"a $b *\", TZ: Europe/Berlin}")).Succeeded();
        var rows = ran.Rows("prog", "log", "SELECT text FROM ({0}) ORDER BY line");
        Assert.Equal("ETL_ATTEMPT ETL_INPUT_ORDERS ETL_RUN ETL_STEP HOME LANG MINE PATH PWD TMPDIR TZ ", rows[0].Replace("OLDPWD ", "").Replace("SHLVL ", "").Replace("_ ", ""));
        var words = rows[1].Split(' ');
        Assert.Equal((words[0], "Europe/Berlin"), (words[1], words[2]));
        Assert.DoesNotContain(rows, row => row.Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public void No_shell_reads_the_arguments()
    {
        var allowed = AllowedPrograms.Of(["printf"], "/usr/bin:/bin");
        using var home = new Home(allowed);
        var ran = home.Run("""
            pipeline: test
            steps:
              - {id: said, kind: process, with: {program: printf, args: ["%s|", "$(id)", "; exit 1", "*", "a  b", "", "ü 'x' \"y\""]}}
            """).Succeeded();
        Assert.Equal(["$(id)|; exit 1|*|a  b||ü 'x' \"y\"|"], ran.Rows("said", "log", "SELECT text FROM ({0})"));
    }

    [Fact]
    public void Memory_and_processor_time_are_limited()
    {
        var memory = Programs.Fails("dd if=/dev/zero of=/dev/null bs=200M count=1", "memory: 64MiB");
        Assert.Equal(StepCodes.ProgramFailed, memory.Code);
        Assert.Contains("memory exhausted", memory.Message);
        var time = Programs.Fails("while :; do :; done", "cpu_time: 1s");
        Assert.Equal((StepCodes.ProgramBoundMet, FaultKind.Exhausted), (time.Code, time.Kind));
        Assert.Contains("processor time of 1s", time.Message);
        var deaf = Programs.Fails("trap '' XCPU; while :; do :; done", "cpu_time: 1s");
        Assert.Equal(StepCodes.ProgramBoundMet, deaf.Code);
    }

    [Theory]
    [InlineData("LD_PRELOAD")]
    [InlineData("ETL_RUN")]
    [InlineData("A-B")]
    public void Some_variables_cannot_be_given(string name) =>
        Assert.Equal((StepCodes.FieldInvalid, $"with.env.{name}"),
            Programs.Fails("true", $"env: {{{name}: x}}") is var fault ? (fault.Code, fault.Path) : default);
}
