using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Steps;

/// <summary>Fills in what items have their step start, and brings the ends of others into the notes.</summary>
internal sealed class ItemFilling(
    StageWork work, ItemWork.Fill fill, DuckSession session, DatasetStore store, StepOptions options, CancellationToken cancellation)
{
    private readonly StepWork _step = work.Steps[0];

    public StageOutcome Write()
    {
        var filled = ItemRow.Read(session, store, fill.Version, fill.From, fill.Count, cancellation).Select(Filled).ToImmutableArray();
        if (fill.Ends.IsEmpty) return new StageOutcome.Filled(filled, 0, 0);
        using var notes = Notes.Begin(store, StagingKey.Of(work.Run.Value, _step.Id.Value, work.Attempt.ToString()));
        foreach (var end in fill.Ends) notes.Add(ItemNote.Of(end, work.Attempt, _step.Id));
        notes.Seal();
        return new StageOutcome.Filled(filled, notes.Lines, notes.Start);
    }

    private FilledItem Filled(ItemRow row)
    {
        var with = Templates.Fill(_step.With, "", [.. fill.SqlPaths], new Scope(fill.Names, row.Index, row.Key, row.Value, fill.Moments));
        if (!with.Succeeded) return new FilledItem(row.Position, SpecValue.Map.Empty, with.Fault);
        var bytes = Encoding.UTF8.GetByteCount(with.Value.ToJson());
        return bytes <= options.ItemFieldsBytesMax ? new FilledItem(row.Position, (SpecValue.Map)with.Value, null)
            : new FilledItem(row.Position, SpecValue.Map.Empty, new Fault(
                FaultKind.Invalid, StepCodes.ItemFieldsTooLarge,
                $"what item {Excerpt.Of(row.Key, 100)} starts its run with has {bytes} bytes; at most {options.ItemFieldsBytesMax}.",
                Hint: "Hand over where the data are, and not the data."));
    }
}
