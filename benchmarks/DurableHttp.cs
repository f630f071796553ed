using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansEtl.Servers;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary><c>POST /seq</c> and <c>POST /dag</c> run one pipeline and answer when it has ended, so that any HTTP load tool can drive a
/// silo as it drives others.</summary>
internal static class DurableHttp
{
    public static async Task Serve(int port)
    {
        await using var server = await PostgresServer.Start();
        await using var source = NpgsqlDataSource.Create(await server.NewDatabase());
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        await using var silo = await DurableSilo.Start(store, byGrains: false);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders(); // a line a request would cost more than the request
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var web = builder.Build();
        foreach (var spec in new[] { DurableSilo.Sequence, DurableSilo.Dag })
            web.MapPost("/" + spec.Name, async (HttpContext call) => await call.Response.WriteAsync((await silo.Run(spec)).Id.Value));
        Console.Error.WriteLine($"POST http://127.0.0.1:{port}/seq and /dag; end with ctrl-C");
        await web.RunAsync();
    }
}
