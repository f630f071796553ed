using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Messaging.Tcp;
using Orleans.Statistics;

namespace Orleans.Runtime;

/// <summary>Measures this silo when somebody asks; the use of processors is that since the question before.</summary>
internal sealed class SiloPulse(SiloNode node)
{
    private readonly Lock _gate = new();
    private long _askedAt = node.Time.GetTimestamp();
    private TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private float _share;

    public SiloRuntimeStatistics Now()
    {
        var activations = node.Catalog.All.Where(activation => !SystemGrains.Is(activation.GrainId)).ToList();
        var recent = node.Calls.Second - node.Collection.CollectionAge.TotalSeconds;
        return new()
        {
            ActivationCount = activations.Count,
            RecentlyUsedActivationCount = activations.Count(activation => activation.LastUsedSecond >= recent),
            ClientCount = (node.Services.GetService<ISiloTransport>() as TcpLink)?.ClientsCount ?? 0,
            ReceivedMessages = node.ReceivedCount,
            SentMessages = node.SentCount,
            DateTime = node.Time.GetUtcNow().UtcDateTime,
            EnvironmentStatistics = Environs(),
        };
    }

    private EnvironmentStatistics Environs()
    {
        var memory = GC.GetGCMemoryInfo();
        return new()
        {
            FilteredCpuUsagePercentage = CpuShare(),
            FilteredMemoryUsageBytes = Environment.WorkingSet,
            FilteredAvailableMemoryBytes = Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes),
            MaximumAvailableMemoryBytes = memory.TotalAvailableMemoryBytes,
        };
    }

    private float CpuShare()
    {
        lock (_gate)
        {
            var (now, cpu) = (node.Time.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var elapsed = node.Time.GetElapsedTime(_askedAt, now);
            if (elapsed < TimeSpan.FromMilliseconds(100)) return _share;
            _share = (float)((cpu - _cpu) / elapsed / Environment.ProcessorCount * 100);
            (_askedAt, _cpu) = (now, cpu);
            return _share;
        }
    }
}
