using OrleansEtl.Storage.Tests;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    [ChildProcess.Appends, var path, var seed] => await ChildProcess.AppendUntilKilled(path, seed),
    [ChildProcess.Contends, var path, var run, var count] => await ChildProcess.Contend(path, run, int.Parse(count)),
    [StorageFigures.Name, .. var rest] => await StorageFigures.Measure(rest),
    _ when args.Any(arg => arg is "-automated" or "@@") => await ConsoleRunner.Run(args),
    _ => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
