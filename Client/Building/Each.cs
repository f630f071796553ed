namespace OrleansEtl.Client;

/// <summary>What a step runs for: see <see cref="PipelineBuilder.ForEach"/>. The words are those of pipeline files.</summary>
public static class Each
{
    /// <param name="of">A list, or a template that gives one.</param>
    public static ForEachSpec Item(object of) => new(ItemSource.Items, SpecValues.From(of));

    /// <summary>Each file that a path or pattern means.</summary>
    public static ForEachSpec File(string pattern) => new(ItemSource.Files, new SpecValue.Text(pattern));

    /// <summary>Each row of what a step gives.</summary>
    public static ForEachSpec Row(string step) => new(ItemSource.Dataset, new SpecValue.Text(step));

    /// <summary>Each row of a query over the steps that it depends on.</summary>
    public static ForEachSpec RowOf(string query) => new(ItemSource.Query, new SpecValue.Text(query));

    /// <summary>The whole numbers from 0, so many.</summary>
    public static ForEachSpec Number(long count) => new(ItemSource.Range, new SpecValue.Integer(count));

    public static ForEachSpec AtOnce(this ForEachSpec items, int concurrency) => items with { Concurrency = concurrency };

    /// <summary>The others run when one fails; then the step fails.</summary>
    public static ForEachSpec Continuing(this ForEachSpec items) => items with { OnItemFailure = OnItemFailure.Continue };

    /// <summary>So many failed items are no failure of the step.</summary>
    public static ForEachSpec Tolerating(this ForEachSpec items, int count) =>
        items with { OnItemFailure = OnItemFailure.Tolerate, Count = count };

    /// <summary>Such a part of failed items is no failure of the step.</summary>
    public static ForEachSpec ToleratingPercent(this ForEachSpec items, double percent) =>
        items with { OnItemFailure = OnItemFailure.Tolerate, Percent = percent };
}
