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

    /// <summary>Each partition of what a step gives: the rows that agree in these columns. An item reads only its own rows of it.</summary>
    public static ForEachSpec Partition(string step, params ReadOnlySpan<string> by) => new(ItemSource.Partitions, new SpecValue.Map(
        [new("dataset", new SpecValue.Text(step)), new("by", new SpecValue.List([.. by.ToArray().Select(column => new SpecValue.Text(column))]))]));

    /// <summary>Each part of a time, the last one cut off at its end.</summary>
    /// <param name="from">A day or moment, or a template that gives one.</param>
    /// <param name="every">A duration such as <c>6h</c>, or days, weeks or months of the calendar such as <c>1d</c> or <c>2 weeks</c>.</param>
    /// <param name="timeZone">Whose calendar it is; null: UTC.</param>
    public static ForEachSpec Part(string from, string to, string every, string? timeZone = null) => new(ItemSource.Partitions, new SpecValue.Map(
        [new("from", new SpecValue.Text(from)), new("to", new SpecValue.Text(to)), new("every", new SpecValue.Text(every)),
         .. timeZone is null ? [] : new Field[] { new("time_zone", new SpecValue.Text(timeZone)) }]));

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
