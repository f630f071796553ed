using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using OrleansEtl.Steps;

namespace OrleansEtl.Cli;

/// <summary><c>etl</c>, for programs that are it and know more kinds of steps.</summary>
public static class Etl
{
    /// <param name="kinds">Those besides the ones that come with it. All silos of a cluster, and who checks pipelines for it, know the
    /// same.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] args, params StepKind[] kinds)
    {
        var terminal = Terminal.OfThisProcess();
        try
        {
            var all = StepKinds.With(kinds);
            var surroundings = new Surroundings(terminal, TimeProvider.System, settings => Homes.Open(settings, all), EtlClient.Connect) { Kinds = all };
            return (int)await EntryPoint.Run(args, surroundings);
        }
        catch (FaultException e)
        {
            FaultText.Print(terminal, e.Fault);
            return (int)ExitCodes.Of(e.Fault);
        }
    }
}
