using System.Text;
using OrleansEtl.Servers;
using RabbitMQ.Client;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Each message of a queue is one run, whatever is killed; what can be none goes to the dead letters; and a broker that is away is told and
/// found again.</summary>
public class QueuesAreHeard
{
    private const string Orders = """
        pipeline: orders
        params: { n: { type: integer } }
        steps: [{ id: one, kind: flow.noop }]
        triggers:
          - { id: new, kind: rabbitmq, connection: broker, queue: orders, prefetch: 5, params: { n: "{{ run.trigger.body.n }}" } }
        """;

    [Fact]
    public async Task Each_message_is_one_run_and_is_acknowledged_after_that()
    {
        const int messages = 20;
        await using var broker = await RabbitServer.Start();
        using var play = new Playground();
        play.Write("orders.yaml", Orders);
        (await play.Etl("apply", "orders.yaml")).With(0);
        await Send(broker, async channel =>
        {
            var dead = new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = "dead" };
            await channel.QueueDeclareAsync("orders", durable: true, exclusive: false, autoDelete: false, dead);
            await channel.QueueDeclareAsync("dead", durable: true, exclusive: false, autoDelete: false);
            for (var n = 0; n < messages; n++)
                for (var again = 0; again < 2; again++) await Publish(channel, $"m{n}", $$"""{"n":{{n}}}""");
            await Publish(channel, "poison", """{"n":"many"}""");
            await Publish(channel, "broken", "{");
            await Publish(channel, null, """{"n":1}""");
        });
        using (var first = Driver(play, broker))
        {
            await first.Says("orders succeeded");
            first.Kill();
            await first.End();
        }
        using var second = Driver(play, broker);
        await Until(second, async () => await Left(broker, "dead") == 3 && await Left(broker, "orders") == 0 && (await Runs(play)).Length == messages);
        var history = (await play.Etl("triggers", "history", "orders/new", "-o", "json")).With(0).Json.GetProperty("recent").EnumerateArray().ToArray();
        Assert.Equal(["ETL2022", "ETL6722", "ETL6723"], history.Select(one => one.GetProperty("error_code").GetString()).OfType<string>().Order().Distinct());

        await broker.Kill();
        await Until(second, async () => (await play.Etl("triggers", "show", "orders/new", "-o", "json")).With(0)
            .Json.GetProperty("error_code").GetString() == "ETL6721");
        await broker.Begin();
        await Send(broker, channel => Publish(channel, "later", """{"n":99}"""));
        await Until(second, async () => (await Runs(play)).Length == messages + 1);
        await Until(second, async () => await Left(broker, "orders") == 0);
    }

    private static EtlProcess Driver(Playground play, RabbitServer broker) =>
        EtlProcess.Start(play.Folder, ["dev"], ("ETL_CONNECTION_BROKER", broker.Address));

    private static async Task<string[]> Runs(Playground play) =>
        [.. (await play.Etl("runs", "list", "--limit", "200", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray()
            .Select(run => run.GetProperty("run_id").GetString()!)];

    private static async Task<uint> Left(RabbitServer broker, string queue)
    {
        var left = 0u;
        await Send(broker, async channel => left = (await channel.QueueDeclarePassiveAsync(queue)).MessageCount);
        return left;
    }

    private static async Task Send(RabbitServer broker, Func<IChannel, Task> send)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await send(channel);
    }

    private static async Task Publish(IChannel channel, string? id, string body) => await channel.BasicPublishAsync(
        "", "orders", mandatory: true, new BasicProperties { MessageId = id, Persistent = true }, Encoding.UTF8.GetBytes(body));

    /// <summary>Asks again and again, each time with a call that takes its own time.</summary>
    private static async Task Until(EtlProcess driver, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(EtlProcess.Patience);
        while (!await holds()) Assert.False(driver.HasEnded || patience.IsCancellationRequested, driver.Said);
    }
}
