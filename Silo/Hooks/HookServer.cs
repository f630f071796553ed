using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Silo.Hooks;

/// <summary>The port for webhooks, as long as it lives.</summary>
internal sealed class HookServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly HookDoor _door;

    private HookServer(WebApplication web, HookDoor door) => (_web, _door) = (web, door);

    /// <exception cref="FaultException">The port cannot be had.</exception>
    public static async Task<HookServer> Open(
        HookSettings settings, TriggerDesk triggers, IGrainFactory grains, TimeProvider clock, CancellationToken cancellation)
    {
        ITriggerGrain Trigger(string id) => grains.GetGrain<ITriggerGrain>(id);
        var door = new HookDoor(
            settings, id => triggers.View(id, CancellationToken.None), // no grain is made for what somebody outside thinks up
            (id, delivery) => Trigger(id).Deliver(delivery), (id, fault) => Trigger(id).Hinder(fault),
            HostConnections.Texts(Environment.GetEnvironmentVariables), clock,
            RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // the door bounds it, and says so
            kestrel.Limits.MaxConcurrentConnections = settings.ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = settings.ReadPatience;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
            kestrel.Listen(settings.At, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var web = builder.Build();
        web.Run(door.Take);
        try
        {
            await web.StartAsync(cancellation);
        }
        catch (IOException e)
        {
            door.Dispose();
            await web.DisposeAsync();
            throw new FaultException(new Fault(FaultKind.Unavailable, TriggerCodes.HookPortTaken,
                $"Webhooks cannot be taken at {settings.At}: {e.Message}", null, "Choose another port with --hooks, or leave it away."));
        }
        settings.Opened?.Invoke(web.Urls.First());
        return new HookServer(web, door);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _door.Dispose();
    }
}
