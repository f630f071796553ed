using Npgsql;

namespace OrleansEtl.Data.Postgres;

/// <summary>
/// Hands a cancellation on to the server, over a connection of its own, for as long as this stands: the driver's own way works only while it
/// awaits an answer that the server has begun, and an order that arrives before the statement does is forgotten by the server.
/// </summary>
internal sealed class ServerCancel : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly PostgresAddress _address;
    private readonly int _backend;
    private readonly ManualResetEventSlim _done = new();
    private readonly CancellationTokenRegistration _watch;

    /// <param name="connection">Whose statements end; it outlives this.</param>
    public ServerCancel(PostgresAddress address, NpgsqlConnection connection, CancellationToken cancellation)
    {
        (_address, _backend) = (address, connection.ProcessID);
        _watch = cancellation.UnsafeRegister(static cancel => Task.Factory.StartNew(
            ((ServerCancel)cancel!).UntilDone, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default), this);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _done.Set();
    }

    private void UntilDone()
    {
        while (!_done.IsSet)
        {
            try
            {
                using var connection = _address.Open("etl cancel", CancellationToken.None);
                using var cancel = new NpgsqlCommand("SELECT pg_cancel_backend($1)", connection);
                cancel.Parameters.Add(new NpgsqlParameter { Value = _backend });
                do cancel.ExecuteNonQuery();
                while (!_done.Wait(Again));
            }
            catch (Exception away) when (away is FaultException or NpgsqlException or InvalidOperationException)
            {
                _done.Wait(Again);
            }
        }
    }
}
