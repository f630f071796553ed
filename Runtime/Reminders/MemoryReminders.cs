using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Runtime
{
    /// <summary>Holds all reminders of the cluster; they are lost with its silo.</summary>
    internal interface IReminderTableGrain : IGrainWithIntegerKey
    {
        Task<ReminderTableData> OfGrain(GrainId grainId);

        Task<ReminderTableData> InRange(uint begin, uint end);

        Task<string?> Upsert(ReminderEntry entry);

        Task<bool> Remove(GrainId grainId, string reminderName, string eTag);

        Task Clear();
    }

    [KeepAlive]
    internal sealed class ReminderTableGrain : Grain, IReminderTableGrain
    {
        private readonly Dictionary<(GrainId, string), ReminderEntry> _rows = [];

        public Task<ReminderTableData> OfGrain(GrainId grainId) =>
            Task.FromResult(new ReminderTableData(_rows.Values.Where(row => row.GrainId.Equals(grainId))));

        public Task<ReminderTableData> InRange(uint begin, uint end) =>
            Task.FromResult(new ReminderTableData(_rows.Values.Where(row =>
            {
                var hash = row.GrainId.GetUniformHashCode();
                return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
            })));

        public Task<string?> Upsert(ReminderEntry entry)
        {
            entry.ETag = SequentialGuid.Next().ToString();
            _rows[(entry.GrainId, entry.ReminderName)] = entry;
            return Task.FromResult<string?>(entry.ETag);
        }

        public Task<bool> Remove(GrainId grainId, string reminderName, string eTag) => Task.FromResult(
            _rows.TryGetValue((grainId, reminderName), out var row) && row.ETag == eTag
            && _rows.Remove((grainId, reminderName)));

        public Task Clear()
        {
            _rows.Clear();
            return Task.CompletedTask;
        }
    }

    internal sealed class MemoryReminderTable(IGrainFactory grains) : IReminderTable
    {
        private IReminderTableGrain Rows => field ??= grains.GetGrain<IReminderTableGrain>(0);

        public Task<ReminderTableData> ReadRows(GrainId grainId) => Rows.OfGrain(grainId);

        public Task<ReminderTableData> ReadRows(uint begin, uint end) => Rows.InRange(begin, end);

        public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
            (await Rows.OfGrain(grainId)).Reminders.FirstOrDefault(row => row.ReminderName == reminderName);

        public Task<string?> UpsertRow(ReminderEntry entry) => Rows.Upsert(entry);

        public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
            Rows.Remove(grainId, reminderName, eTag);

        public Task TestOnlyClearTable() => Rows.Clear();
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds reminders to a silo.</summary>
    public static class SiloBuilderReminderExtensions
    {
        /// <summary>The service; a table must be registered beside it.</summary>
        public static ISiloBuilder AddReminders(this ISiloBuilder builder)
        {
            builder.Services.AddReminders();
            return builder;
        }

        /// <inheritdoc cref="AddReminders(ISiloBuilder)"/>
        public static void AddReminders(this IServiceCollection services)
        {
            if (services.Any(service => service.ServiceType == typeof(ReminderService))) return;
            services.AddSingleton<ReminderService>();
            services.AddSingleton<IReminderRegistry>(provider => provider.GetRequiredService<ReminderService>());
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
                provider => provider.GetRequiredService<ReminderService>());
        }

        /// <summary>The service, with a table in the memory of the cluster.</summary>
        public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
        {
            builder.AddReminders();
            builder.Services.Replace(ServiceDescriptor.Singleton<IReminderTable, MemoryReminderTable>());
            return builder;
        }
    }
}
