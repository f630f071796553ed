using OrleansEtl.Cli;
using OrleansEtl.Cli.Output;

return (int)await EntryPoint.Run(args, new Surroundings(Terminal.OfThisProcess(), TimeProvider.System, Homes.Open));
