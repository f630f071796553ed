using Orleans.Placement;
using Orleans.Runtime;

namespace Orleans.Concurrency
{
    /// <summary>All requests of this class interleave at awaits.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ReentrantAttribute : Attribute;

    /// <summary>This method starts whatever is running.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;

    /// <summary>This method interleaves with other read-only ones.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute;

    /// <summary>The caller's task ends once the message is handed over; no result, no exception.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute;

    /// <summary>Names a method <c>bool M(IInvokable)</c> that says which requests interleave.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
    {
        /// <summary>The name of the method.</summary>
        public string CallbackMethodName { get; } = callbackMethodName;
    }

    /// <summary>Many activations per silo, in no directory.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute : PlacementAttribute
    {
        /// <summary>As many workers as processors.</summary>
        public StatelessWorkerAttribute() : this(Environment.ProcessorCount, true)
        {
        }

        /// <summary>At most that many workers a silo.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers) : this(maxLocalWorkers, true)
        {
        }

        /// <summary>At most that many workers a silo, kept or removed when idle.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers, bool removeIdleWorkers)
            : base(new StatelessWorkerPlacement(maxLocalWorkers, removeIdleWorkers))
        {
        }
    }
}

namespace Orleans
{
    /// <summary>How long a caller of this method waits.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time.</summary>
        public TimeSpan? Timeout { get; init; } =
            TimeSpan.Parse(timeout, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The type part of the ids of this grain class.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute
    {
        /// <summary>The name.</summary>
        public string Name { get; } = grainType;
    }

    /// <summary>Never collected for idleness.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class KeepAliveAttribute : Attribute;

    /// <summary>How long an activation of this class may be idle.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionAgeLimitAttribute : Attribute
    {
        private readonly TimeSpan? _given;

        /// <summary>Given by the properties.</summary>
        public CollectionAgeLimitAttribute()
        {
        }

        /// <summary>Given as text.</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod) =>
            _given = TimeSpan.Parse(inactivityPeriod, System.Globalization.CultureInfo.InvariantCulture);

        /// <summary>Days, added to the rest.</summary>
        public double Days { get; set; }

        /// <summary>Hours, added to the rest.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes, added to the rest.</summary>
        public double Minutes { get; set; }

        /// <summary>Never collected.</summary>
        public bool AlwaysActive { get; set; }

        /// <summary>The whole limit, at least a minute.</summary>
        public TimeSpan AgeLimit
        {
            get
            {
                if (AlwaysActive) return Timeout.InfiniteTimeSpan;
                var sum = _given ?? TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
                return sum < TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : sum;
            }
        }
    }
}

namespace Orleans.Metadata
{
    /// <summary>Which class is meant when several implement this interface.</summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class DefaultGrainTypeAttribute(string grainType) : Attribute
    {
        /// <summary>The name of the grain type.</summary>
        public string GrainType { get; } = grainType;
    }
}

namespace Orleans.Runtime
{
    /// <summary>The wire name of this interface.</summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class GrainInterfaceTypeAttribute(string value) : Attribute
    {
        /// <summary>The name.</summary>
        public string Value { get; } = value;
    }
}

namespace Orleans.CodeGeneration
{
    /// <summary>The version of this grain interface.</summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class VersionAttribute(ushort version) : Attribute
    {
        /// <summary>The number.</summary>
        public ushort Version { get; } = version;
    }
}

namespace Orleans.Providers
{
    /// <summary>Which provider keeps the state of a <c>Grain&lt;TState&gt;</c>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The provider's name.</summary>
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }

    /// <summary>Names that providers agree on.</summary>
    public static class ProviderConstants
    {
        /// <summary>The provider used when none is named.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
