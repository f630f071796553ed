using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>Makes a connection out of a socket, for the end that calls and for the end that is called.</summary>
internal static class Opening
{
    /// <summary>Calls; connecting, TLS and handshake within one bound of time, on a thread of their own.</summary>
    public static async Task<Connection> Call(
        IPEndPoint endpoint, SiloAddress here, SiloAddress meant, LinkSettings settings, IConnectionOwner owner)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            return await Task.Factory.StartNew(
                () => Call(socket, endpoint, here, meant, settings, owner),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(settings.OpenTimeout).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            socket?.Dispose();
            throw new ConnectionFailedException($"No connection to {endpoint}: {error.Message}", error);
        }
    }

    /// <summary>Is called: finds out by whom.</summary>
    public static Connection Answer(
        Socket socket, SiloAddress here, bool clients, LinkSettings settings, IConnectionOwner owner,
        Func<SiloAddress, string?> refusal)
    {
        var plain = Bounded(socket, settings);
        var stream = settings.Certificates?.Secure(plain, accepted: true, "") ?? plain;
        var other = new Handshake(stream, settings).Answer(here, clients, refusal);
        plain.DueTimestamp = null;
        return new(stream, plain, here, other, settings, owner);
    }

    private static Connection Call(
        Socket socket, IPEndPoint endpoint, SiloAddress here, SiloAddress meant, LinkSettings settings,
        IConnectionOwner owner)
    {
        socket.Connect(endpoint);
        var plain = Bounded(socket, settings);
        var stream = settings.Certificates?.Secure(plain, accepted: false, endpoint.Address.ToString()) ?? plain;
        var other = new Handshake(stream, settings).Call(here, meant);
        plain.DueTimestamp = null;
        return new(stream, plain, here, other, settings, owner);
    }

    private static SocketStream Bounded(Socket socket, LinkSettings settings) => new(socket)
    {
        DueTimestamp = Stopwatch.GetTimestamp()
            + (long)(settings.OpenTimeout.TotalSeconds * Stopwatch.Frequency),
    };
}
