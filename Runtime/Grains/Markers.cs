namespace Orleans.Runtime
{
    /// <summary>Anything that a message can be sent to.</summary>
    public interface IAddressable;

    /// <summary>An interface that every grain, or every grain with the extension installed, answers to.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    using Orleans.Runtime;

    /// <summary>Every grain interface derives from this.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a text.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is a Guid.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain whose key is an integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a Guid and a text.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain whose key is an integer and a text.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>An object outside grains that grains may call.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What every grain class is.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation that this instance is.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first request.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs after the last request; best effort.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }
}
