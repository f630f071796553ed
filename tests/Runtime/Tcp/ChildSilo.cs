using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansEtl.Servers;

namespace OrleansEtl.Runtime.Tests.Tcp;

/// <summary>A silo in a process of its own, which a test may kill.</summary>
internal sealed class ChildSilo : IDisposable
{
    public const string Name = "child-silo";

    private readonly Process _process;

    private readonly int _port;

    private ChildSilo(Process process, int port, IPEndPoint gateway) =>
        (_process, _port, Gateway) = (process, port, gateway);

    public IPEndPoint Gateway { get; }

    public bool Is(SiloAddress silo) => silo.Endpoint.Port == _port;

    public static async Task<ChildSilo> Start()
    {
        var (port, gateway) = (FreePorts.Next(), TcpGiven.FreeEndpoint());
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // dotnet run starts the built program itself; dotnet exec has the assembly as its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ChildSilo).Assembly.Location);
        start.ArgumentList.Add(Name);
        start.ArgumentList.Add(port.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(gateway.Port.ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        await process.StandardOutput.ReadLineAsync();
        return new(process, port, gateway);
    }

    /// <summary>What the child does, until its parent closes its input or kills it.</summary>
    public static async Task<int> Run(int port, int gateway)
    {
        using var host = await TcpGiven.Silo(new IPEndPoint(IPAddress.Loopback, gateway), port: port);
        Console.WriteLine("started");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>As SIGSTOP: its connections stay and nobody answers.</summary>
    public void Freeze()
    {
        using var kill = Process.Start("kill", ["-STOP", $"{_process.Id}"]);
        kill.WaitForExit();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"kill ended with {kill.ExitCode}.");
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
