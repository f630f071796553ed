using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;

namespace OrleansEtl.Storage;

/// <summary>Lets silos and clients find each other, and reminders be kept, in a Postgres database. The data source stays its owner's, who
/// disposes it after the silo.</summary>
public static class PostgresClusterExtensions
{
    /// <summary>The silos of the cluster (<see cref="ClusterOptions.ClusterId"/>) meet in this database.</summary>
    public static ISiloBuilder UsePostgresClustering(this ISiloBuilder builder, NpgsqlDataSource source)
    {
        builder.Services.AddSingleton<IMembershipTable>(services =>
            new PostgresMembershipTable(source, Cluster(services).ClusterId, Clock(services)));
        return builder;
    }

    /// <summary>The client asks this database for the gateways of its cluster.</summary>
    public static IClientBuilder UsePostgresClustering(this IClientBuilder builder, NpgsqlDataSource source)
    {
        builder.Services.AddSingleton<IGatewayListProvider>(services =>
            new PostgresGatewayList(source, Cluster(services).ClusterId, Clock(services)));
        return builder;
    }

    /// <summary>The reminders of the service (<see cref="ClusterOptions.ServiceId"/>) are kept in this database.</summary>
    public static ISiloBuilder UsePostgresReminders(this ISiloBuilder builder, NpgsqlDataSource source)
    {
        builder.AddReminders();
        builder.Services.AddSingleton<IReminderTable>(services =>
            new PostgresReminderTable(source, Cluster(services).ServiceId, Clock(services)));
        return builder;
    }

    private static ClusterOptions Cluster(IServiceProvider services) => services.GetRequiredService<IOptions<ClusterOptions>>().Value;

    private static TimeProvider Clock(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;
}
