namespace Orleans.Statistics;

/// <summary>What a process takes of its machine.</summary>
[GenerateSerializer]
public struct EnvironmentStatistics
{
    /// <summary>The share of all processors that this process has used of late, in per cent.</summary>
    [Id(0)]
    public float FilteredCpuUsagePercentage { get; set; }

    /// <summary>The memory that it uses.</summary>
    [Id(1)]
    public long FilteredMemoryUsageBytes { get; set; }

    /// <summary>The memory that it may use yet.</summary>
    [Id(2)]
    public long FilteredAvailableMemoryBytes { get; set; }

    /// <summary>The memory that it may use at most.</summary>
    [Id(3)]
    public long MaximumAvailableMemoryBytes { get; set; }

    /// <inheritdoc cref="FilteredCpuUsagePercentage"/>
    public readonly float RawCpuUsagePercentage => FilteredCpuUsagePercentage;

    /// <inheritdoc cref="FilteredMemoryUsageBytes"/>
    public readonly long RawMemoryUsageBytes => FilteredMemoryUsageBytes;

    /// <inheritdoc cref="FilteredAvailableMemoryBytes"/>
    public readonly long RawAvailableMemoryBytes => FilteredAvailableMemoryBytes;
}
