using OrleansEtl.Bench.Runtime;

if (args is ["silo", var silo, var gateway]) return await SiloProcess.Run(int.Parse(silo), int.Parse(gateway));
await Calls.Measure(args);
return 0;
