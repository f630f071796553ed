using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>
/// Journals of every release are read for ever: these files are only ever added to. A new kind of event, or a new field, comes with the journal of
/// a run that has it: the column <c>event</c> of the table <c>journal</c> of a home, one event a line, and beside it what the run was, which
/// UPDATE_GOLDEN=1 writes where it is missing.
/// </summary>
public sealed class JournalLaws
{
    public static TheoryData<string> Journals => [.. Files.Select(path => Path.GetFileName(path)!)];

    private static string[] Files => Directory.GetFiles(Folder, "*.jsonl");

    private static string Repository { get; } = typeof(JournalLaws).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!;

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Journals");

    [Theory, MemberData(nameof(Journals))]
    public void A_journal_of_an_earlier_release_replays_to_the_run_that_it_was(string journal)
    {
        var was = Words(Read(journal).Aggregate(Run.None, Run.Apply).View());
        var (kept, source) = (Path.ChangeExtension(journal, ".txt"), Path.Combine(Repository, "tests/Shells/Journals"));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !File.Exists(Path.Combine(source, kept)))
            File.WriteAllText(Path.Combine(source, kept), was);
        Assert.Equal(File.ReadAllText(Path.Combine(source, kept)), was);
    }

    [Fact]
    public void Every_event_and_every_field_that_is_stored_stands_in_a_journal()
    {
        var stored = new StoredFields(typeof(RunEvent));
        foreach (var line in Files.SelectMany(File.ReadLines)) stored.See(line);
        Assert.True(!stored.Unseen.Any(), $"No journal has: {string.Join(", ", stored.Unseen)}");
    }

    [Theory, MemberData(nameof(Journals))]
    public void What_is_read_is_written_the_same_way(string journal)
    {
        foreach (var line in File.ReadLines(Path.Combine(Folder, journal)))
            Assert.Equal(line, Encoding.UTF8.GetString(EventCodec.Write(EventCodec.ReadEvent(Encoding.UTF8.GetBytes(line)))));
    }

    [Theory]
    [InlineData("""{"type":"cancel_requested","reason":"enough","at":"2026-01-01T00:00:00+00:00"}""", null)]
    [InlineData("""{"type":"cancel_requested","reason":"enough","by":"ann","at":"2026-01-01T00:00:00+00:00"}""", "ann")]
    public void A_cancel_of_an_earlier_release_has_nobody_who_asked_for_it(string line, string? by)
    {
        var cancel = Assert.IsType<RunEvent.CancelRequested>(EventCodec.ReadEvent(Encoding.UTF8.GetBytes(line)));
        Assert.Equal(("enough", by), (cancel.Reason, cancel.By));
        Assert.Equal(line, Encoding.UTF8.GetString(EventCodec.Write(cancel)));
    }

    [Fact]
    public void Every_event_has_a_name_and_no_two_share_one()
    {
        var cases = typeof(RunEvent).GetNestedTypes(BindingFlags.Public).Where(type => !type.IsAbstract);
        Assert.Equal(cases.Count(), EventCodec.EventNames.Distinct().Count());
    }

    [Fact]
    public void An_event_of_a_later_release_is_refused_with_what_to_do()
    {
        var fault = Assert.Throws<FaultException>(() => EventCodec.ReadEvent("""{"type":"stage_teleported","at":"2026-01-01T00:00:00Z"}"""u8)).Fault;
        Assert.Equal("ETL4213", fault.Code);
        Assert.NotNull(fault.Hint);
    }

    private static ImmutableArray<RunEvent> Read(string journal) =>
        [.. File.ReadLines(Path.Combine(Folder, journal)).Select(line => EventCodec.ReadEvent(Encoding.UTF8.GetBytes(line)))];

    /// <summary>All of a run that its events tell, but for what is only said to people.</summary>
    private static string Words(RunView run) => string.Concat([
        $"{run.Pipeline} {run.Id} {run.Status.Word()} version {run.Version}, {run.StartedAt:O} to {run.EndedAt:O} {run.Fault?.Code}\n",
        .. run.Steps.Select(step =>
            $"{step.Id} {step.Status.Word()} after {step.Attempts}, {step.StartedAt:O} to {step.EndedAt:O} {step.Fault?.Code} {step.Items}\n"
            + $"  rows {step.RowsIn} {step.RowsOut} {step.RowsRejected}, by hand {step.ByHand?.By} {step.ByHand?.Reason}, reused {step.ReusedFrom}, values {new SpecValue.Map(step.Values).ToJson()}"
            + $", outputs {string.Join(' ', step.Outputs.Select(output => $"{output.Port}={output.Dataset?.Location}{output.Path}"))}\n"),
    ]);
}
