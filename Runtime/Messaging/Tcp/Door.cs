using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// One open port. Who comes in must show who it is within a time, and only so many may be about to: whoever
/// comes beyond is turned away at once, so that strangers cost neither memory nor threads without bound.
/// </summary>
internal sealed class Door(IPEndPoint endpoint, LinkSettings settings, ILogger log) : IDisposable
{
    private readonly Socket _socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private int _strangers;

    /// <summary>Opens; the one who enters is made a connection by the first function and told to the second.</summary>
    public void Open(Func<Socket, Connection> identify, Action<Connection> welcome)
    {
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            _socket.Bind(endpoint);
            _socket.Listen(512);
        }
        catch (SocketException error)
        {
            throw new OrleansConfigurationException(
                $"The silo cannot listen on {endpoint}: {error.Message} Choose another port.", error);
        }

        _ = Accept(identify, welcome);
    }

    public void Dispose() => _socket.Dispose();

    private async Task Accept(Func<Socket, Connection> identify, Action<Connection> welcome)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException error)
            {
                // Such as: no file handles left, or the caller has gone again. The next one may come in.
                log.LogWarning("A connection to {Endpoint} failed before it began: {Error}.", endpoint, error.Message);
                await Task.Delay(50).ConfigureAwait(false);
                continue;
            }

            if (Interlocked.Increment(ref _strangers) > settings.StrangersMax)
            {
                Interlocked.Decrement(ref _strangers);
                socket.Dispose();
                continue;
            }

            _ = Task.Factory.StartNew(
                () => Admit(socket, identify, welcome),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Admit(Socket socket, Func<Socket, Connection> identify, Action<Connection> welcome)
    {
        try
        {
            welcome(identify(socket));
        }
        catch (Exception error)
        {
            // Anything may be at the other end: what it does wrong ends its connection and no more.
            log.LogInformation("A caller was not let in: {Error}", error.Message);
            socket.Dispose();
        }
        finally
        {
            Interlocked.Decrement(ref _strangers);
        }
    }
}
