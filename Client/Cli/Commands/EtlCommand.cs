using System.CommandLine;

namespace OrleansEtl.Cli.Commands;

/// <summary>The list of commands.</summary>
internal static class EtlCommand
{
    public static RootCommand Make(Surroundings surroundings)
    {
        var root = new RootCommand("Durable data pipelines: whatever dies, nothing is lost and no finished step runs again.")
        {
            RunPipeline.Make(surroundings),
            Validate.Make(surroundings),
            Apply.Plan(surroundings),
            Apply.Make(surroundings),
            Pipelines.Make(surroundings),
            Test.Make(surroundings),
            Config.Make(surroundings),
            TemplateCommands.Make(surroundings),
            Resume.Make(surroundings),
            Runs.Make(surroundings),
            Logs.Make(surroundings),
            Cancel.Make(surroundings),
            Pause.Make(surroundings),
            WholePipelines.List(surroundings),
            Signal.Make(surroundings),
            Review.Approve(surroundings),
            Review.Reject(surroundings),
            Rerun.Make(surroundings),
            Datasets.Make(surroundings),
            Limits.Make(surroundings),
            Jobs.Make(surroundings),
            SiloCommand.Make(surroundings),
            Silos.Make(surroundings),
            Schedules.Make(surroundings),
            Triggers.Make(surroundings),
            Alerts.Make(surroundings),
            Dev.Make(surroundings),
            Explain.Make(surroundings),
            Kinds.Make(surroundings),
            Schema.Make(surroundings),
            Init.Make(surroundings),
            VersionOf.Make(surroundings),
        };
        root.With(CommonOptions.Cluster, CommonOptions.SecretFile, CommonOptions.Trace);
        return root;
    }
}
