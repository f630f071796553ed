using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using OrleansEtl.Engine.Runs;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Journals of every release are read for ever: these files are only ever added to.</summary>
public sealed class JournalLaws
{
    public static TheoryData<string> Journals => [.. Directory.GetFiles(Folder, "*.jsonl").Select(path => Path.GetFileName(path)!)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Journals");

    [Theory, MemberData(nameof(Journals))]
    public void A_journal_of_an_earlier_release_replays_to_the_run_that_it_was(string journal)
    {
        var run = Read(journal).Aggregate(Run.None, Run.Apply);
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(0, run.StagesOpen);
        Assert.All(run.View().Steps, step => Assert.True(step.Status is StepStatus.Succeeded or StepStatus.Reused, step.Id.Value));
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
}
