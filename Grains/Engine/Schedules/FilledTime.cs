using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>The time for which runs of a schedule have succeeded, each with the version of the pipeline that ran last for it. Time that meets
/// and was filled by the same version is one span, so a schedule that always succeeds has one.</summary>
/// <param name="Spans">In the order in which they were last filled. Those of one partition do not overlap.</param>
public sealed record FilledTime(ImmutableList<FilledSpan> Spans)
{
    /// <summary>Of more the oldest are forgotten; a backfill of what is missing would run them again.</summary>
    public const int SpansMax = 1_000;

    public static readonly FilledTime None = new([]);

    /// <summary>The version that ran for the whole of this time; null: not all of it is filled, or not by one version.</summary>
    public string? DefinitionOf(DateTimeOffset from, DateTimeOffset to, string? partition) =>
        Spans.Find(span => span.Partition == partition && span.From <= from && to <= span.To)?.Definition;

    public FilledTime With(Occasion occasion, string definition)
    {
        var filled = new FilledSpan(occasion.From, occasion.To, occasion.Partition, definition);
        var spans = ImmutableList.CreateBuilder<FilledSpan>();
        foreach (var span in Spans)
        {
            if (span.Partition != filled.Partition || span.To < filled.From || filled.To < span.From) spans.Add(span);
            else if (span.Definition == definition)
                filled = filled with { From = Earlier(span.From, filled.From), To = Later(span.To, filled.To) };
            else
            {
                if (span.From < filled.From) spans.Add(span with { To = filled.From });
                if (filled.To < span.To) spans.Add(span with { From = filled.To });
            }
        }
        spans.Add(filled);
        if (spans.Count > SpansMax) spans.Remove(spans.MinBy(span => span.To)!);
        return new FilledTime(spans.ToImmutable());
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <param name="From">After this,</param>
/// <param name="To">and up to this.</param>
public sealed record FilledSpan(DateTimeOffset From, DateTimeOffset To, string? Partition, string Definition);
