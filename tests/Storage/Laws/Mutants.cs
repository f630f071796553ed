using System.Collections.Immutable;
using System.Reflection;

namespace OrleansEtl.Storage.Tests;

/// <summary>Laws that cannot fail prove nothing: stores with one mistake each, and every mistake is noticed by some law.</summary>
public sealed class Mutants
{
    [Fact]
    public Task A_journal_that_ignores_the_expected_version_is_noticed() => Noticed<IgnoresTheVersion>();

    [Fact]
    public Task A_journal_that_forgets_the_ids_of_appends_is_noticed() => Noticed<ForgetsIds>();

    [Fact]
    public Task A_journal_that_answers_before_it_stores_is_noticed() => Noticed<AnswersFirst>();

    [Fact]
    public Task A_journal_that_stores_half_an_append_is_noticed() => Noticed<StoresHalf>();

    [Fact]
    public Task A_journal_that_publishes_what_was_fenced_is_noticed() => Noticed<PublishesFenced>();

    [Fact]
    public Task A_journal_that_loses_snapshots_is_noticed() => Noticed<LosesSnapshots>();

    [Fact]
    public async Task The_store_without_a_mistake_breaks_no_law() => Assert.Empty(await BrokenLaws<NoMistake>());

    private static async Task Noticed<TMistake>() where TMistake : IMistake, new() => Assert.NotEmpty(await BrokenLaws<TMistake>());

    private static async Task<List<string>> BrokenLaws<TMistake>() where TMistake : IMistake, new()
    {
        var laws = typeof(MutantJournal<TMistake>).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(law => law.GetCustomAttribute<FactAttribute>() is not null && law.GetParameters().Length == 0);
        var broken = new List<string>();
        foreach (var law in laws)
        {
            await using var suite = new MutantJournal<TMistake>();
            try
            {
                await (Task)law.Invoke(suite, null)!;
            }
            catch (Exception)
            {
                broken.Add(law.Name);
            }
        }
        return broken;
    }
}

internal sealed class MutantJournal<TMistake> : JournalLaws<MutantHome<TMistake>> where TMistake : IMistake, new();

internal interface IMistake
{
    Task<AppendOutcome> Append(IRunJournal journal, RunAppend append);
}

internal sealed class NoMistake : IMistake
{
    public Task<AppendOutcome> Append(IRunJournal journal, RunAppend append) => journal.Append(append, default);
}

internal sealed class IgnoresTheVersion : IMistake
{
    public async Task<AppendOutcome> Append(IRunJournal journal, RunAppend append) => await journal.Append(
        append with { ExpectedVersion = (await journal.Read(append.Run, default))?.Version ?? 0 }, default);
}

internal sealed class ForgetsIds : IMistake
{
    public Task<AppendOutcome> Append(IRunJournal journal, RunAppend append) =>
        journal.Append(append with { Id = Guid.NewGuid() }, default);
}

internal sealed class AnswersFirst : IMistake
{
    private RunAppend? _held;

    public async Task<AppendOutcome> Append(IRunJournal journal, RunAppend append)
    {
        if (Interlocked.Exchange(ref _held, append) is { } held) await journal.Append(held, default);
        return new AppendOutcome.Stored(append.ExpectedVersion + append.Events.Length);
    }
}

internal sealed class StoresHalf : IMistake
{
    public async Task<AppendOutcome> Append(IRunJournal journal, RunAppend append) =>
        await journal.Append(append.Events.Length < 2 ? append : append with { Events = append.Events[..^1] }, default) switch
        {
            AppendOutcome.Stored => new AppendOutcome.Stored(append.ExpectedVersion + append.Events.Length),
            var other => other,
        };
}

internal sealed class PublishesFenced : IMistake
{
    public async Task<AppendOutcome> Append(IRunJournal journal, RunAppend append)
    {
        var outcome = await journal.Append(append, default);
        if (outcome is AppendOutcome.Fenced { Version: 0 })
            await journal.Append(append with { ExpectedVersion = 0 }, default);
        return outcome;
    }
}

internal sealed class LosesSnapshots : IMistake
{
    public Task<AppendOutcome> Append(IRunJournal journal, RunAppend append) =>
        journal.Append(append with { Snapshot = null }, default);
}

internal sealed class MutantHome<TMistake> : IHome where TMistake : IMistake, new()
{
    private readonly MemoryHome _home = new();
    private readonly TMistake _mistake = new();

    public MutantHome() => Store = new MutantStore(_home.Store, _mistake);
    public IStore Store { get; }
    public FakeHost Host => _home.Host;
    public IStore Another() => new MutantStore(_home.Another(), _mistake);
    public ValueTask DisposeAsync() => _home.DisposeAsync();
}

internal sealed class MutantStore(IStore store, IMistake mistake) : IStore, IRunJournal
{
    public IRunJournal Journal => this;
    public IRunCatalog Catalog => store.Catalog;
    public IRunRetention Retention => store.Retention;
    public IGrainStates GrainStates => store.GrainStates;
    public IStepResults Results => store.Results;

    public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation) => append.Events.IsEmpty
        ? store.Journal.Append(append, cancellation) : mistake.Append(store.Journal, append);
    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) => store.Journal.Read(run, cancellation);
    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        store.Journal.History(run, after, countMax, cancellation);
    public Task HandOver(string driver, CancellationToken cancellation) => store.Journal.HandOver(driver, cancellation);
    public ValueTask DisposeAsync() => store.DisposeAsync();
}
