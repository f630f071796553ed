using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Silo.Hooks;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrleansEtl.Silo.Queues;

/// <summary>
/// Listens to the queue of one trigger until it is stopped, and connects again as long as it has to. A message is acknowledged after the start of
/// its run is stored, never before; one that can never be a run goes to the queue's dead letters, and is told; all others go back into the queue.
/// </summary>
internal sealed class QueueListener(
    string id, TriggerSource.OfRabbitMq source, ITriggerGrain trigger, Func<string, string?> connections, QueueSettings settings, TimeProvider clock)
{
    public TriggerSource.OfRabbitMq Source => source;

    public async Task Listen(CancellationToken stop)
    {
        for (var wait = settings.AgainAfter; !stop.IsCancellationRequested; wait = wait * 2 < settings.AgainMax ? wait * 2 : settings.AgainMax)
        {
            var since = clock.GetUtcNow();
            try
            {
                await Consume(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the broker, the queue, or a silo is away
            {
                await Hinder(e is FaultException known ? known.Fault : Away(e));
            }
            if (clock.GetUtcNow() - since > settings.AgainMax) wait = settings.AgainAfter;
            await Task.Delay(wait, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Consume(CancellationToken stop)
    {
        await using var connection = await Factory().CreateConnectionAsync(stop);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, reason) => Lost($"{reason.ReplyCode} {reason.ReplyText}");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => Lost("the queue has been deleted");
        consumer.ReceivedAsync += (_, message) => Take(channel, message, stop);
        await channel.BasicQosAsync(0, (ushort)source.Prefetch, global: false, stop);
        await channel.BasicConsumeAsync(source.Queue, autoAck: false, consumer, stop);
        await trigger.Hinder(null);
        await lost.Task.WaitAsync(stop);

        Task Lost(string why)
        {
            lost.TrySetException(new IOException(why));
            return Task.CompletedTask;
        }
    }

    private ConnectionFactory Factory()
    {
        var text = connections(source.Connection) is { Length: > 0 } found ? found : throw new FaultException(new Fault(
            FaultKind.Invalid, TriggerCodes.NoSecret, $"There is no connection '{source.Connection}' where the queue is listened to.", "connection",
            $"Define it there with the environment variable {Steps.NamedConnections.Variable(source.Connection)}: amqp://USER:PASSWORD@HOST:5672/VHOST"));
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps"
            ? new ConnectionFactory
            {
                Uri = address, AutomaticRecoveryEnabled = false, ClientProvidedName = $"etl trigger {id}",
                RequestedConnectionTimeout = settings.ConnectPatience, RequestedHeartbeat = settings.ConnectPatience,
            }
            // Without the text, which holds a password.
            : throw new FaultException(new Fault(FaultKind.Invalid, TriggerCodes.QueueAway,
                $"The connection '{source.Connection}' is no address of a broker; expected amqp://USER:PASSWORD@HOST:5672/VHOST."));
    }

    private async Task Take(IChannel channel, BasicDeliverEventArgs message, CancellationToken stop)
    {
        try
        {
            switch (await Told(message))
            {
                case Fate.Taken: await channel.BasicAckAsync(message.DeliveryTag, multiple: false, stop); break;
                case Fate.Dead: await channel.BasicRejectAsync(message.DeliveryTag, requeue: false, stop); break;
                case Fate.Later:
                    await Task.Delay(settings.AgainAfter, clock, stop);
                    await channel.BasicRejectAsync(message.DeliveryTag, requeue: true, stop);
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AlreadyClosedException or IOException)
        {
            // The message was not acknowledged: the broker gives it to the next one.
        }
    }

    private enum Fate { Taken, Dead, Later }

    private async Task<Fate> Told(BasicDeliverEventArgs message)
    {
        var key = message.BasicProperties.MessageId ?? "";
        var body = message.Body.Length <= settings.BodyMax ? HookBody.Read(message.Body.ToArray(), settings.DepthMax) : null;
        var delivery = new TriggerDelivery("rabbitmq", key, $"message {(key.Length == 0 ? "without an id" : key)}", new SpecValue.Map(
        [
            new Field("message_id", new SpecValue.Text(key)),
            new Field("routing_key", new SpecValue.Text(message.RoutingKey)),
            new Field("body", body ?? SpecValue.Map.Empty),
        ]));
        try
        {
            if (Wrong(key, body is not null) is { } wrong)
            {
                await trigger.Reject(delivery, wrong);
                return Fate.Dead;
            }
            return await trigger.Deliver(delivery) switch
            {
                DeliveryAnswer.Taken => Fate.Taken,
                DeliveryAnswer.Refused { Fault: var fault } when MayHeal(fault) => Fate.Later,
                _ => Fate.Dead,
            };
        }
        catch (Exception e) when (e is FaultException or TimeoutException or OrleansException)
        {
            return Fate.Later;
        }
    }

    /// <summary>A trigger that is gone or paused says nothing about its messages, nor does one whose pipeline is being changed.</summary>
    private static bool MayHeal(Fault fault) => fault.IsTransient || fault.Kind is FaultKind.Conflict or FaultKind.NotFound;

    private Fault? Wrong(string key, bool isReadable) =>
        key.Length == 0 ? new Fault(FaultKind.Invalid, TriggerCodes.NoMessageId,
            $"A message of queue '{source.Queue}' has no message-id, so that it could not be told from itself when it comes again.")
        : isReadable ? null
        : new Fault(FaultKind.Invalid, TriggerCodes.MessageUnreadable,
            $"The message is no JSON object of at most {settings.BodyMax} bytes and {settings.DepthMax} levels.");

    private async Task Hinder(Fault fault)
    {
        try
        {
            await trigger.Hinder(fault);
        }
        catch (Exception e) when (e is FaultException or TimeoutException or OrleansException)
        {
            // It is told with the next try.
        }
    }

    private Fault Away(Exception e) => new(FaultKind.Unavailable, TriggerCodes.QueueAway,
        $"Queue '{source.Queue}' of connection '{source.Connection}' is not listened to: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}", null,
        "It is tried again.");
}
