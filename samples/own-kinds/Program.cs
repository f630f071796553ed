// `etl` with one kind more: it runs, validates and explains pipelines, and starts silos, as `etl` does.
return await OrleansEtl.Cli.Etl.Run(args, OwnKinds.Sessions.Kind);
