using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;
using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps;

/// <summary>
/// One attempt of a stage. It goes along the chain once, adding each step to a query; the query runs where rows have to
/// lie in a file: at the chain's end, where others read them, and before a step that reads its input more than once.
/// Counts are those that the steps would give if each ran alone. Everything is written below the attempt's own folder,
/// so a second attempt never meets the first.
/// </summary>
internal sealed partial class StageAttempt(
    StageWork work, DuckSession session, DatasetStore store, AttemptLog log, PathRules paths, IConnections connections,
    ProgramSite programs, StepOptions options, StepKinds kinds, CancellationToken cancellation)
{
    private readonly LiveCounts _live = new();
    private readonly Lazy<Staging> _staging = new(() => store.Stage(
        StagingKey.Of(work.Run.Value, work.Steps[0].Id.Value, work.Item is { } item ? $"{work.Attempt}.{item}" : work.Attempt.ToString())));
    private readonly ImmutableArray<DatasetRef> _lineage =
        [.. work.Steps.SelectMany(step => step.Inputs).Select(input => input.Dataset.Ref).Distinct()];
    private readonly List<string> _scratch = [];
    private readonly List<IDisposable> _held = [];
    private volatile ImmutableList<StepRun> _steps = [];
    private Segment _segment = new();
    private (StepRun Step, ScanPlan Plan)? _scan;

    /// <summary>The step that the chain has come to; null: none yet.</summary>
    public StepId? Begun => _steps is [.., var last] ? last.Id : null;

    public ImmutableArray<StepProgress> Progress() => _live.Read(_steps, session.Progress);

    public StageOutcome Run()
    {
        try
        {
            Relation? current = null;
            foreach (var one in work.Steps)
            {
                var step = Begin(one);
                current = Within(step, () => Take(step, current));
            }

            return new StageOutcome.Succeeded([.. _steps.Select(step => step.Result())]);
        }
        catch (StepFailure failure)
        {
            var fault = failure.Fault with { Message = $"{work.Pipeline}/{failure.Step.Id}: {failure.Fault.Message}" };
            return new StageOutcome.Failed(
                failure.Step.Id, fault, [.. _steps.Select(step => step.Kept()).OfType<StepResult>()]);
        }
        finally
        {
            foreach (var held in _held) held.Dispose();
            foreach (var file in _scratch) File.Delete(file);
        }
    }

    private StepRun Begin(StepWork one)
    {
        var kind = kinds.Find(one.Kind);
        var step = new StepRun(one, kind ?? StepCatalog.All[0], new With(new Placed(one.With, "")));
        if (kind is null)
            throw new StepFailure(step, new Fault(
                FaultKind.Invalid, StepCodes.KindUnknown, $"there is no kind '{one.Kind}'.",
                Hint: kinds.Specs.Nearest(one.Kind) is { } nearest ? $"Did you mean '{nearest}'?" : null));
        var conformed = Engine.Plans.Values.Conform(kind.Spec, one.With);
        if (!conformed.Succeeded) throw new StepFailure(step, conformed.Fault);
        step = new StepRun(one, kind, new With(new Placed(conformed.Value, "")));
        _steps = _steps.Add(step);
        return step;
    }

    /// <summary>Everything that goes wrong inside is the step's fault, unless it says whose it is.</summary>
    private static T Within<T>(StepRun step, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is not StepFailure && StepFailure.FaultOf(e) is { } fault)
        {
            throw new StepFailure(step, fault);
        }
    }

    /// <summary>Adds a step to the chain.</summary>
    /// <returns>What it gives; null when nothing can follow it.</returns>
    private Relation? Take(StepRun step, Relation? current)
    {
        if (step.Kind.Behaviour is StepBehaviour.Starts starts) return Execute(step, starts);
        if (step.Kind.Behaviour is StepBehaviour.Calls calls) return Request(step, calls);
        if (step.Kind.Behaviour is StepBehaviour.Computes computes) return Compute(step, computes);
        if (current is null) _segment = new Segment();
        var inputs = Inputs(step, current);
        var given = step.Kind.Behaviour switch
        {
            StepBehaviour.Scans scans => Scan(step, scans),
            StepBehaviour.Shapes shapes => Shape(step, shapes, inputs, current),
            StepBehaviour.Verifies checks => Verify(step, checks, inputs, current),
            StepBehaviour.Writes writes => Write(step, writes, inputs, current),
            StepBehaviour.Sends sends => Send(step, sends, inputs),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (given is null || given.IsStored) return given;
        if (step.Work.Published) return Store(given, step);
        return step.Work == work.Steps[^1] ? Store(given, null) : given;
    }

    /// <summary>What the step reads: the datasets of other stages, then what the step before it gives.</summary>
    private ImmutableArray<StepInput> Inputs(StepRun step, Relation? current)
    {
        var inputs = ImmutableArray.CreateBuilder<StepInput>();
        foreach (var (bound, i) in step.Work.Inputs.Select((bound, i) => (bound, i)))
        {
            var name = $"i{_steps.Count}_{i}";
            _segment.AddStored(name, SelectOf(bound));
            inputs.Add(new StepInput(bound.Name, name, bound.Dataset.Columns));
        }

        if (current is not null) inputs.Add(new StepInput(_steps[^2].Id.Value, current.Name, current.Columns));
        if (current is null or { IsStored: true })
            step.RowsIn = step.Work.Inputs.Sum(bound => bound.Rows)
                + (current is null ? 0 : _steps[^2].RowsOut);
        SqlFields.Check(session, step.Kind.Spec, (SpecValue.Map)step.With.Place.Value, inputs.ToImmutable());
        return inputs.ToImmutable();
    }

    private Relation Scan(StepRun step, StepBehaviour.Scans scans)
    {
        var call = new ScanCall(
            step.With, pattern => paths.Read(pattern, "with.path"), session, NewScratch, connections.Find, Feed, options,
            cancellation) { Log = LogOf(step) };
        var plan = scans.Plan(call);
        step.Columns = session.Describe(plan.Select, cancellation);
        (step.RowsKnown, step.RowsIn, step.Bytes) = (plan.Rows, null, plan.Bytes);
        _scan = (step, plan);
        var strict = plan.Rejects is not null;
        _segment.Add(
            Name(), plan.Select, step, counted: plan.Rows is null, strict
            ? [.. step.Columns.Select(column => column.Name)] : default);
        return new Relation(Name(), step.Columns, false);
    }

    private Relation Shape(
        StepRun step, StepBehaviour.Shapes shapes, ImmutableArray<StepInput> inputs, Relation? current)
    {
        var plan = shapes.Plan(Call(step, inputs));
        step.Columns = Describe(plan.Select, inputs);
        step.KeepsCount = plan.KeepsCount;
        if (plan.NeedsDataset && current is { IsStored: false })
        {
            Store(current, null);
            step.RowsIn = _steps[^2].RowsOut;
        }

        if (plan.Rejects is not null)
        {
            var rejects = Publish(step, "rejects", _segment.Over(plan.Rejects));
            step.RowsRejected = rejects.Rows;
        }

        _segment.Add(Name(), plan.Select, step, counted: !plan.KeepsCount);
        var given = new Relation(Name(), step.Columns, false);
        return plan.GivesValues ? WithValues(step, given) : given;
    }

    /// <summary>The columns of a SELECT over inputs, learnt from empty stand-ins: no file is opened, and a fault is
    /// this step's alone.</summary>
    private ImmutableArray<Column> Describe(string select, ImmutableArray<StepInput> inputs)
    {
        var standIns = inputs.Select(input => $"{input.From} AS (SELECT "
            + string.Join(", ", input.Columns.Select(column => $"NULL::{column.Type} AS {Sql.Name(column.Name)}"))
            + " WHERE FALSE)");
        var all = standIns.Append($"_step AS {Sql.Nested(select)}");
        try
        {
            return session.Describe($"WITH {string.Join(", ", all)} SELECT * FROM _step", cancellation);
        }
        catch (DuckException e)
        {
            throw new FaultException(StepFailure.OfSql(e.Fault, inputs));
        }
    }

    private StepCall Call(StepRun step, ImmutableArray<StepInput> inputs) => new(step.With, inputs) { Log = LogOf(step) };

    private StepLog LogOf(StepRun step) => new((level, message, fields) => log.Say(level, [step.Id], message, fields));

    private string Feed(PostgresQuery query)
    {
        _held.Add(query);
        return session.Feed(query).From;
    }

    /// <summary>Its files stay readable until the attempt ends.</summary>
    private DatasetReading Open(DatasetVersion version)
    {
        var reading = store.Open(version, cancellation);
        _held.Add(reading);
        return reading;
    }

    /// <summary>The rows that the step sees of a dataset.</summary>
    private string SelectOf(InputBinding bound)
    {
        var all = Open(bound.Dataset).Select;
        return bound.Only is { } only ? PartitionKey.Rows(all, only, bound.Dataset.Columns) : all;
    }

    /// <summary>The files that hold these rows and no others: for a partition, one that ends with the attempt.</summary>
    private ImmutableArray<string> FilesOf(InputBinding bound)
    {
        if (bound.Only is null) return Open(bound.Dataset).Files;
        var file = NewScratch("partition");
        session.Execute($"COPY {Sql.Nested(SelectOf(bound))} TO {Sql.Text(file)} ({Pages.Options()})", cancellation);
        return [file];
    }

    private string Name() => $"s{_steps.Count}";

    private string NewScratch(string name)
    {
        var file = _staging.Value.NewFile($"scratch-{_scratch.Count}-{name}");
        _scratch.Add(file);
        return file;
    }
}
