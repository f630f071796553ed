using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli;

/// <summary>What a command reaches of the world. Tests give their own.</summary>
/// <param name="Open">Opens a home; reads do not start anything.</param>
/// <param name="Connect">Connects to a cluster.</param>
internal sealed record Surroundings(
    Terminal Terminal, TimeProvider Clock, Func<HomeSettings, IEtl> Open,
    Func<EtlClientOptions, CancellationToken, Task<ClusterEtl>> Connect)
{
    public StepKinds Kinds { get; init; } = StepKinds.BuiltIn;
}
