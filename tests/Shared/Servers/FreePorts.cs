using System.Net;
using System.Net.Sockets;

namespace OrleansEtl.Servers;

/// <summary>Ports below the range that the system gives to outgoing connections, so that nobody takes one before its server does.</summary>
public static class FreePorts
{
    private const int First = 12_000, Count = 17_000;

    /// <summary>Test programs that run side by side begin at different places.</summary>
    private static int _given = Environment.ProcessId * 251 % Count;

    public static int Next()
    {
        while (true)
        {
            var port = First + Interlocked.Increment(ref _given) % Count;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
