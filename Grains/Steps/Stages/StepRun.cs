using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>A step of the attempt and what has become known of it so far.</summary>
internal sealed class StepRun(StepWork work, StepKind kind, With with)
{
    private static readonly ImmutableHashSet<string> WorthKeeping = ["rejects", "report", "log"];

    public StepWork Work => work;
    public StepKind Kind => kind;
    public With With => with;
    public StepId Id => work.Id;
    public long? RowsIn { get; set; }
    public long? RowsOut { get; set; }
    public long? RowsRejected { get; set; }
    /// <summary>The bytes that it reads from outside, where that is known.</summary>
    public long? Bytes { get; set; }
    public ImmutableArray<Column> Columns { get; set; } = [];

    /// <summary>Rows that it gives, where that is known without counting.</summary>
    public long? RowsKnown { get; set; }

    /// <summary>How far it says that it is, where something says so that is not the engine.</summary>
    public Func<StepProgress?>? Says { get; set; }

    /// <summary>Whether it gives as many rows as it reads.</summary>
    public bool KeepsCount { get; set; }
    public List<StepOutput> Outputs { get; } = [];
    public List<Field> Values { get; } = [];

    public StepResult Result() => new(Id, RowsIn, RowsOut, RowsRejected ?? 0, [.. Outputs], [.. Values]);

    /// <summary>What is left when the attempt fails: why rows were put aside or found bad, what a program printed.</summary>
    public StepResult? Kept()
    {
        var outputs = Outputs.Where(output => WorthKeeping.Contains(output.Port)).ToImmutableArray();
        return outputs.IsEmpty ? null : Result() with { Outputs = outputs };
    }
}
