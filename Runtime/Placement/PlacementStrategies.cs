using Orleans.Runtime;

namespace Orleans.Runtime
{
    using Orleans.Metadata;

    /// <summary>Where new activations of a class go; a placement director acts on it.</summary>
    public abstract class PlacementStrategy
    {
        /// <summary>Whether its grains are in the directory.</summary>
        public virtual bool IsUsingGrainDirectory => true;

        /// <summary>Reads back what <see cref="PopulateGrainProperties"/> wrote.</summary>
        public virtual void Initialize(GrainProperties properties)
        {
        }

        /// <summary>Writes its settings to the properties of a grain class.</summary>
        public virtual void PopulateGrainProperties(
            IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
        {
        }
    }

    /// <summary>Any silo.</summary>
    public sealed class RandomPlacement : PlacementStrategy;

    /// <summary>The caller's silo if it can, else any.</summary>
    public sealed class PreferLocalPlacement : PlacementStrategy;

    /// <summary>By the hash of the grain id.</summary>
    public sealed class HashBasedPlacement : PlacementStrategy;

    /// <summary>The less busy of two.</summary>
    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    /// <summary>Where most is free.</summary>
    public sealed class ResourceOptimizedPlacement : PlacementStrategy;

    internal sealed class StatelessWorkerPlacement(int maxLocal, bool removeIdle) : PlacementStrategy
    {
        public override bool IsUsingGrainDirectory => false;

        public int MaxLocal { get; } = maxLocal > 0 ? maxLocal : Environment.ProcessorCount;

        public bool RemoveIdle { get; } = removeIdle;
    }
}

namespace Orleans.Metadata
{
    using System.Collections.Immutable;

    /// <summary>Settings of a grain class as texts.</summary>
    public sealed class GrainProperties(ImmutableDictionary<string, string> values)
    {
        /// <summary>The settings.</summary>
        public ImmutableDictionary<string, string> Properties { get; } = values;
    }
}

namespace Orleans.Placement
{
    /// <summary>The base of the attributes that name a placement strategy.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        /// <summary>Names it.</summary>
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

        /// <summary>The strategy.</summary>
        public PlacementStrategy PlacementStrategy { get; }

        /// <summary>Writes the settings of the strategy.</summary>
        public virtual void Populate(
            IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
            PlacementStrategy.PopulateGrainProperties(services, grainClass, grainType, properties);
    }

    /// <summary>Any silo.</summary>
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    /// <summary>The caller's silo if it can, else any.</summary>
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    /// <summary>By the hash of the grain id.</summary>
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());

    /// <summary>The less busy of two.</summary>
    public sealed class ActivationCountBasedPlacementAttribute()
        : PlacementAttribute(new ActivationCountBasedPlacement());

    /// <summary>Where most is free.</summary>
    public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(new ResourceOptimizedPlacement());
}
