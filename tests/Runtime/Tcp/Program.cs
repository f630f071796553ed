using OrleansEtl.Runtime.Tests;
using OrleansEtl.Runtime.Tests.Tcp;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    [ChildSilo.Name, var port, var gateway] => await ChildSilo.Run(int.Parse(port), int.Parse(gateway)),
    _ when args.Any(arg => arg is "-automated" or "@@") => await ConsoleRunner.Run(args),
    _ => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
