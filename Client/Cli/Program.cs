using OrleansEtl.Cli;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

return (int)await EntryPoint.Run(args, new Surroundings(Terminal.OfThisProcess(), TimeProvider.System, Homes.Open, EtlClient.Connect));
