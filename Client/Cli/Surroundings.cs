using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli;

/// <summary>What a command reaches of the world. Tests give their own.</summary>
/// <param name="Open">Opens a home; reads do not start anything.</param>
internal sealed record Surroundings(Terminal Terminal, TimeProvider Clock, Func<HomeSettings, IEtl> Open);
