using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>Where the items of a step come from.</summary>
[GenerateSerializer, Alias(WireNames.ItemSource)]
public enum ItemSource
{
    /// <summary>A list, written down or given by a step's value.</summary>
    Items,
    /// <summary>The files that a path or pattern means.</summary>
    Files,
    /// <summary>The rows of a dataset.</summary>
    Dataset,
    /// <summary>The rows of a query over datasets.</summary>
    Query,
    /// <summary>Whole numbers.</summary>
    Range,
    /// <summary>The partitions of a dataset by columns, or of a time.</summary>
    Partitions,
}

/// <summary>What becomes of a step when one of its items fails for good.</summary>
[GenerateSerializer, Alias(WireNames.OnItemFailure)]
public enum OnItemFailure
{
    /// <summary>It fails at once: what runs is stopped, the rest does not run.</summary>
    Fail,
    /// <summary>The others run; then it fails.</summary>
    Continue,
    /// <summary>It succeeds all the same, up to a bound; above it, it fails at once.</summary>
    Tolerate,
}

/// <summary>Runs a step once for each item of a list that is known only when its turn comes.</summary>
/// <param name="Of">What <paramref name="From"/> asks for: a list, a path, the name of an input, a query, a number, how
/// partitions are made.</param>
/// <param name="Concurrency">Items that run at once, over all silos.</param>
/// <param name="Count">Failed items that are tolerated.</param>
/// <param name="Percent">Of all items, failed ones that are tolerated.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ForEachSpec)]
public sealed record ForEachSpec(
    ItemSource From,
    SpecValue Of,
    int Concurrency = ForEachSpec.ConcurrencyDefault,
    OnItemFailure OnItemFailure = OnItemFailure.Fail,
    int? Count = null,
    double? Percent = null)
{
    /// <summary>Enough to keep a few silos busy, few enough not to overrun what the items call.</summary>
    public const int ConcurrencyDefault = 16;
    /// <summary>Each is an attempt that is heard of four times a second.</summary>
    public const int ConcurrencyMax = 256;

    public SpecValue.Map ToValue() => new([
        new(From.ToString().ToLowerInvariant(), Of),
        .. Concurrency == ConcurrencyDefault ? [] : new Field[] { new("concurrency", new SpecValue.Integer(Concurrency)) },
        .. OnItemFailure == OnItemFailure.Fail ? [] : new Field[] { new("on_item_failure", Policy()) },
    ]);

    private SpecValue Policy() => OnItemFailure == OnItemFailure.Continue
        ? new SpecValue.Text("continue")
        : new SpecValue.Map([new("tolerate", Percent is { } percent
            ? new SpecValue.Text(percent.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "%")
            : new SpecValue.Integer(Count ?? 0))]);
}

/// <summary>Neighbouring items, by their place in the list.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ItemRange)]
public readonly record struct ItemRange(int From, int Count)
{
    public int End => From + Count;
}

/// <summary>An item whose attempt has failed.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.ItemFailure)]
public sealed record ItemFailure(int Item, Fault Fault);

/// <summary>How far the items of a step are.</summary>
/// <param name="Running">Sent off: some of them may wait behind each other or for a slot.</param>
/// <param name="Waiting">Not sent off yet, or between two tries.</param>
/// <param name="Reused">Of those that succeeded, done by an earlier run.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemCounts)]
public sealed record ItemCounts(int Total, int Succeeded, int Failed, int Running, int Waiting, int Reused);

/// <summary>Items of an ended run that a new one does not run again.</summary>
/// <param name="Step">The step whose items they are.</param>
/// <param name="Items">What became of each: the step's dataset <c>items</c>.</param>
/// <param name="Outputs">What all items together gave.</param>
/// <param name="Keys">Those that are to run, by their keys; empty: those that did not succeed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ItemsAgain)]
public sealed record ItemsAgain(
    StepId Step, DatasetVersion Items, ImmutableArray<StepOutput> Outputs, ImmutableArray<string> Keys);
