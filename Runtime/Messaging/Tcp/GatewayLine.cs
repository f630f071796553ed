using System.Net;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>One gateway of a client: connected, or being tried again and again with growing pauses.</summary>
internal sealed class GatewayLine(IPEndPoint endpoint, ClientLink link, LinkSettings settings, TimeProvider time)
    : IConnectionOwner
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _ended = new();
    private Connection? _connection;
    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IPEndPoint Endpoint => endpoint;

    /// <summary>The silo behind it; null while it is not connected.</summary>
    public SiloAddress? Silo => _connection is { IsClosed: false } open ? open.Other : null;

    /// <summary>Connects once; from then on it comes back by itself.</summary>
    public async Task Connect()
    {
        var connection = await Opening.Call(
            endpoint, link.Node.Address, SiloAddress.New(endpoint, 0), settings, this).ConfigureAwait(false);
        _connection = connection;
        connection.Start();
        link.Changed();
    }

    /// <summary>Keeps it connected until it is ended, once the first attempt has come to its end.</summary>
    public async Task Keep(Task firstAttempt)
    {
        await firstAttempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var pause = FirstPause;
        while (!_ended.IsCancellationRequested)
        {
            if (_connection is { IsClosed: false } open)
            {
                pause = FirstPause;
                await Watch(open).ConfigureAwait(false);
                continue;
            }

            try
            {
                await Connect().ConfigureAwait(false);
            }
            catch (Exception) // whatever it was, it may pass
            {
                await Task.Delay(pause, time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < settings.RetryDelay ? pause * 2 : settings.RetryDelay;
            }
        }

        _connection?.Close("The gateway is no longer used.");
    }

    // A gateway that is frozen or cut off breaks no connection: those who wait for it would wait for their time-out.
    private async Task Watch(Connection open)
    {
        while (true)
        {
            var lost = _lost.Task;
            if (_ended.IsCancellationRequested || open.IsClosed) return;
            var look = Task.Delay(settings.SilenceMax, time, _ended.Token);
            if (await Task.WhenAny(lost, look).ConfigureAwait(false) == look
                && await open.IsSilent(settings.SilenceMax).ConfigureAwait(false))
                open.Close($"The gateway {endpoint} does not answer.");
        }
    }

    public bool TrySend(Letter letter) => _connection is { } connection && connection.TrySend(letter);

    public void End()
    {
        _ended.Cancel();
        _connection?.Close("The gateway is no longer used.");
    }

    void IConnectionOwner.Received(Connection connection, Letter letter) => link.Received(this, letter);

    void IConnectionOwner.Oversized(Connection connection, Letter letter, long bodyBytes)
    {
        var error = MessageTooLargeException.Body(bodyBytes, settings);
        if (letter.Kind is LetterKind.Result or LetterKind.Error) link.Node.FailSent(letter.CallId, error);
        else link.Node.Undeliverable(letter, error);
    }

    void IConnectionOwner.Closed(Connection connection, Letter[] unsent, string reason)
    {
        Interlocked.Exchange(ref _lost, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        link.Changed();
        link.Node.SiloDied(connection.Other);
    }
}
