using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansEtl.Engine.Definitions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>
/// The registry of pipelines over a store. Nothing is remembered between calls: several processes share a home, and what one of them
/// registers the others must start. A write holds only over what was read, so that of two changes at once the later one is decided
/// anew.
/// </summary>
/// <param name="check">Spec → checked plan, all faults at once: what cannot run is not registered.</param>
/// <param name="newId">Makes the ids of writes.</param>
public sealed class DefinitionDesk(IGrainStates states, Func<PipelineSpec, PlanResult> check, TimeProvider clock, Func<Guid> newId)
{
    public const string GrainType = "definition";
    private const string StateName = "definition";
    /// <summary>States that are read at once for a list: each may be megabytes.</summary>
    private const int ReadAtOnce = 10;
    /// <summary>As many others may come first before one gives up.</summary>
    private const int TriesMax = 10;

    /// <summary>Called before a command is decided: what has to be there if it holds, whoever dies after that.</summary>
    public Func<string, DefinitionCommand, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    public async Task<DefinitionAnswer> Tell(string name, DefinitionCommand command, CancellationToken cancellation)
    {
        if (command is DefinitionCommand.Register register && check(register.Spec) is PlanResult.Faulty faulty)
            return new DefinitionAnswer.Refused(faulty.Faults);
        await Before(name, command);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var (pipeline, version) = await Read(name, cancellation);
            switch (Registration.Decide(pipeline, command, clock.GetUtcNow()))
            {
                case DefinitionDecision.Refused refused: return new DefinitionAnswer.Refused([refused.Fault]);
                case DefinitionDecision.Accepted { Events: [] }: return new DefinitionAnswer.Done(pipeline.Active, HasChanged: false);
                case DefinitionDecision.Accepted { Events: var events }:
                    var after = events.Aggregate(pipeline, Registration.Apply);
                    var write = new StateWrite(newId(), Key(name), version, EventCodec.Write(after));
                    if (await states.Write(write, cancellation) is StateOutcome.Stored)
                        return new DefinitionAnswer.Done(after.Active, HasChanged: true);
                    break;
                default: throw new UnreachableException();
            }
        }
        return new DefinitionAnswer.Refused([DefinitionFaults.Contended(name, TriesMax)]);
    }

    public async Task<PipelineView?> View(string name, CancellationToken cancellation)
    {
        var (pipeline, _) = await Read(name, cancellation);
        return pipeline.Exists() ? pipeline.View() : null;
    }

    /// <inheritdoc cref="IDefinitionGrain.Version"/>
    public async Task<PipelineVersion> Version(string name, int? number, CancellationToken cancellation)
    {
        var found = (await Read(name, cancellation)).Pipeline.Version(number);
        return found.Succeeded ? found.Value : throw new FaultException(found.Fault);
    }

    /// <inheritdoc cref="IDefinitionGrain.Versions"/>
    public async Task<Listing<VersionSummary>> Versions(string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var before = Paging.NumberCursor(cursor);
        var (pipeline, _) = await Read(name, cancellation);
        if (!pipeline.Exists()) throw new FaultException(DefinitionFaults.Unknown(name));
        ImmutableArray<VersionSummary> older =
            [.. pipeline.Versions.Reverse().Where(version => version.Number < before).Take(limit + 1).Select(pipeline.Summary)];
        return older.Length <= limit
            ? new Listing<VersionSummary>(older, null)
            : new Listing<VersionSummary>(older[..limit], older[limit - 1].Number.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="IDefinitionCatalogGrain.Pipelines"/>
    public async Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var found = ImmutableArray.CreateBuilder<PipelineSummary>();
        do
        {
            var page = await states.List(GrainType, StateName, cursor, Math.Min(ReadAtOnce, limit - found.Count), cancellation);
            found.AddRange(page.Items.Select(one => EventCodec.ReadRegistration(one.Value).Summary()));
            cursor = page.Next;
        }
        while (cursor is not null && found.Count < limit);
        return new Listing<PipelineSummary>(found.ToImmutable(), cursor);
    }

    private async Task<(Registration Pipeline, long Version)> Read(string name, CancellationToken cancellation)
    {
        var stored = await states.Read(Key(name), cancellation);
        return (stored?.Value is { } bytes ? EventCodec.ReadRegistration(bytes) : Registration.None(name), stored?.Version ?? 0);
    }

    private static StateKey Key(string name) => new($"{GrainType}/{name}", StateName);
}
