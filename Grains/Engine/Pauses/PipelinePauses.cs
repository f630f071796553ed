using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Pauses;

/// <summary>Which pipelines are paused. A run is paused with its pipeline, or with all.</summary>
public sealed record PipelinePauses(ImmutableArray<PipelinePause> All)
{
    /// <summary>So that the whole is read in one piece. Whoever wants more means all.</summary>
    public const int Max = 1_000;

    public static readonly PipelinePauses None = new([]);

    /// <summary>What keeps the runs of that pipeline from going on; null: nothing.</summary>
    public PipelinePause? Of(string pipeline) => Find(null) ?? Find(pipeline);

    public PipelinePause? Find(string? pipeline) => All.FirstOrDefault(pause => pause.Pipeline == pipeline);

    /// <exception cref="FaultException">It cannot be kept.</exception>
    public PipelinePauses With(PipelinePause pause)
    {
        if (Find(pause.Pipeline) is not null) return this;
        if (pause.Pipeline is { } name && !Waiting.IsName(name))
            throw Refused(FaultKind.Invalid, "ETL4274", $"'{Excerpt.Of(name, 40)}' cannot be the name of a pipeline.",
                "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
        if (pause.Reason.Length > Run.SaidMax || pause.By?.Length > Run.SaidMax)
            throw Refused(FaultKind.Invalid, "ETL4264", $"A reason or a name has more than {Run.SaidMax} characters.", null);
        if (All.Length >= Max)
            throw Refused(FaultKind.Exhausted, "ETL4275", $"{Max} pipelines are paused already.", "Pause all with: etl pause --all");
        return new PipelinePauses(All.Add(pause));
    }

    public PipelinePauses Without(string? pipeline) => new(All.RemoveAll(pause => pause.Pipeline == pipeline));

    private static FaultException Refused(FaultKind kind, string code, string message, string? hint) =>
        new(new Fault(kind, code, message, null, hint));
}
