using Orleans.Runtime;

namespace Orleans.Core.Internal
{
    /// <summary>What can be asked of every grain from outside.</summary>
    public interface IGrainManagementExtension : IGrainExtension
    {
        /// <summary>Ends the activation once its running requests have ended.</summary>
        [Concurrency.AlwaysInterleave]
        ValueTask DeactivateOnIdle();
    }
}

namespace Orleans.Runtime
{
    using Orleans.Core.Internal;

    internal sealed class GrainManagementExtension(Activation activation) : IGrainManagementExtension
    {
        public ValueTask DeactivateOnIdle()
        {
            activation.Deactivate(
                new(DeactivationReasonCode.ApplicationRequested, "Deactivation was asked for from outside."));
            return default;
        }
    }

    /// <summary>The extensions that every grain has.</summary>
    internal static class GrainExtensionsOfRuntime
    {
        public static object? Make(Type interfaceType, Activation activation) =>
            interfaceType == typeof(IGrainManagementExtension) ? new GrainManagementExtension(activation)
            : interfaceType == typeof(IStreamExtension) ? new StreamExtension(activation)
            : null;
    }
}
