using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Steps;

/// <summary>
/// Runs the items of a slice, one after another, each as the attempt that it would be alone. It ends early, with the rest not begun, when it
/// has taken long; and while a single item takes long it says that it will begin no other, so that nobody waits behind it. What it has
/// said it holds to, for the rest may run elsewhere from then on.
/// </summary>
internal sealed class SliceRun(
    StageWork work, ItemWork.Slice slice, DatasetStore store, Func<StageWork, CancellationToken, Task<StageOutcome>> run, TimeProvider time)
{
    /// <summary>Four times what a slice should take: an estimate may be wrong, but not by much for long.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    /// <summary>Characters of a fault in the report; all of it is in the notes.</summary>
    private const int MessageCharactersMax = 300;

    private readonly Lock _lock = new();
    private readonly StepWork _step = work.Steps[0];
    private readonly List<ItemFailure> _failures = [];
    private Notes? _notes;
    private int _keeps = slice.Count;
    private int _begun;
    private long _itemBegan;

    public async Task<StageOutcome> Run(
        ImmutableArray<ItemRow> rows, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var done = 0;
        try
        {
            await using (time.CreateTimer(_ => Look(progress), null, LookEvery, LookEvery))
                while (Begins(began) is { } next)
                {
                    if (!await Did(rows[next], cancellation).ConfigureAwait(false)) break;
                    done++;
                }
            var took = time.GetElapsedTime(began);
            if (done == 0) return new StageOutcome.Stopped();
            _notes?.Seal();
            return new StageOutcome.Items(done, [.. _failures], _notes?.Lines ?? 0, _notes?.Start ?? 0, took);
        }
        finally
        {
            _notes?.Dispose();
        }
    }

    /// <summary>The next item; null: no other is begun.</summary>
    private int? Begins(long began)
    {
        lock (_lock)
        {
            if (_begun == _keeps || _begun > 0 && time.GetElapsedTime(began) >= Long) return null;
            _itemBegan = time.GetTimestamp();
            return _begun++;
        }
    }

    private void Look(Action<ImmutableArray<StepProgress>> progress)
    {
        lock (_lock)
        {
            if (_begun == 0 || _begun >= _keeps || time.GetElapsedTime(_itemBegan) < Long) return;
            _keeps = _begun;
            progress([new StepProgress(_step.Id, null, null, null, _keeps)]);
        }
    }

    /// <summary>False: it was stopped, and does not count.</summary>
    private async Task<bool> Did(ItemRow row, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return false;
        var with = Templates.Fill(_step.With, "", [.. slice.SqlPaths], new Scope(slice.Names, row.Index, row.Key, row.Value, slice.Moments));
        var outcome = with.Succeeded
            ? await run(work with
            {
                Items = null, Item = row.Index.ToString(CultureInfo.InvariantCulture),
                Steps = [_step with { With = (SpecValue.Map)with.Value, Inputs = InputsOf(row) }],
            }, cancellation).ConfigureAwait(false)
            : new StageOutcome.Failed(_step.Id, with.Fault, []);
        switch (outcome)
        {
            case StageOutcome.Succeeded { Results: [var result] }:
                if (ItemNote.IsWorth(result)) Note(ItemNote.Of(row, work.Attempt, result));
                return true;
            case StageOutcome.Failed failed:
                _failures.Add(new ItemFailure(
                    row.Position, failed.Fault with { Message = Excerpt.Of(failed.Fault.Message, MessageCharactersMax), Hint = null }));
                if (!slice.MayRetry || !failed.Fault.IsTransient) Note(ItemNote.Of(row, work.Attempt, failed));
                return true;
            case StageOutcome.Stopped: return false;
            default: throw new System.Diagnostics.UnreachableException(outcome.GetType().Name);
        }
    }

    /// <summary>Of the dataset of whose partitions the item is one, it sees that one alone.</summary>
    private ImmutableArray<InputBinding> InputsOf(ItemRow row) => slice.Partitioned is not { } partitioned ? _step.Inputs
        : [.. _step.Inputs.Select(input => input.Name == partitioned ? input with { Only = PartitionKey.PartitionOf(row) } : input)];

    private void Note(byte[] line)
    {
        _notes ??= Notes.Begin(store, StagingKey.Of(work.Run.Value, _step.Id.Value, work.Attempt.ToString()));
        _notes.Add(line);
    }
}
