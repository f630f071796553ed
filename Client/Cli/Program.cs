return await OrleansEtl.Cli.Etl.Run(args);
