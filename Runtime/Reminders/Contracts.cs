using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A grain that reminders wake.</summary>
    public interface IRemindable : IGrain
    {
        /// <summary>A reminder is due.</summary>
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>Keeps reminders.</summary>
    public interface IReminderTable
    {
        /// <summary>Starts.</summary>
        Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        /// <summary>Stops.</summary>
        Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        /// <summary>All reminders of a grain.</summary>
        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>All reminders with hashes in (begin, end], around zero if begin is not before end.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        /// <summary>One reminder, or null.</summary>
        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Writes one and returns its new etag.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>Removes one if the etag still holds.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        /// <summary>Removes all.</summary>
        Task TestOnlyClearTable();
    }

    /// <summary>One reminder in a table.</summary>
    [GenerateSerializer]
    public sealed class ReminderEntry
    {
        /// <summary>The grain.</summary>
        [Id(0)]
        public GrainId GrainId { get; set; }

        /// <summary>Its name.</summary>
        [Id(1)]
        public string ReminderName { get; set; } = "";

        /// <summary>The first tick, in UTC.</summary>
        [Id(2)]
        public DateTime StartAt { get; set; }

        /// <summary>From tick to tick.</summary>
        [Id(3)]
        public TimeSpan Period { get; set; }

        /// <summary>The version of the row.</summary>
        [Id(4)]
        public string? ETag { get; set; }
    }

    /// <summary>Some reminders.</summary>
    [GenerateSerializer]
    public sealed class ReminderTableData
    {
        /// <summary>None.</summary>
        public ReminderTableData()
        {
        }

        /// <summary>One.</summary>
        public ReminderTableData(ReminderEntry entry) : this([entry])
        {
        }

        /// <summary>Several.</summary>
        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        /// <summary>The reminders.</summary>
        [Id(0)]
        public IList<ReminderEntry> Reminders { get; private set; } = [];
    }

    /// <summary>Reminders of the grain that asks.</summary>
    public static class GrainReminderExtensions
    {
        /// <summary>Registers a reminder, or gives it new times.</summary>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
            RegisterOrUpdateReminder((IGrainBase)grain, reminderName, dueTime, period);

        /// <inheritdoc cref="RegisterOrUpdateReminder(Grain, string, TimeSpan, TimeSpan)"/>
        public static Task<IGrainReminder> RegisterOrUpdateReminder(
            this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            return RegistryOf(grain)
                .RegisterOrUpdateReminder(grain.GrainContext.GrainId, reminderName, dueTime, period);
        }

        /// <summary>Removes a reminder.</summary>
        public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) =>
            UnregisterReminder((IGrainBase)grain, reminder);

        /// <inheritdoc cref="UnregisterReminder(Grain, IGrainReminder)"/>
        public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
            RegistryOf(grain).UnregisterReminder(grain.GrainContext.GrainId, reminder);

        /// <summary>A reminder by name, or null.</summary>
        public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) =>
            GetReminder((IGrainBase)grain, reminderName);

        /// <inheritdoc cref="GetReminder(Grain, string)"/>
        public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
            return RegistryOf(grain).GetReminder(grain.GrainContext.GrainId, reminderName);
        }

        /// <summary>All reminders of the grain.</summary>
        public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => GetReminders((IGrainBase)grain);

        /// <inheritdoc cref="GetReminders(Grain)"/>
        public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) =>
            RegistryOf(grain).GetReminders(grain.GrainContext.GrainId);

        private static Timers.IReminderRegistry RegistryOf(IGrainBase grain)
        {
            if (grain is not IRemindable)
            {
                throw new InvalidOperationException(
                    $"{grain.GetType()} must implement {nameof(IRemindable)} to use reminders.");
            }

            return grain.GrainContext.ActivationServices.GetService(typeof(Timers.IReminderRegistry))
                as Timers.IReminderRegistry
                ?? throw new OrleansConfigurationException(
                    "No reminder service is configured; call UseInMemoryReminderService on the silo builder.");
        }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A reminder that is registered.</summary>
    public interface IGrainReminder
    {
        /// <summary>Its name.</summary>
        string ReminderName { get; }
    }

    /// <summary>Which tick it is; all times are UTC.</summary>
    [GenerateSerializer, Immutable]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>The first tick.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>From tick to tick.</summary>
        [Id(1)]
        public TimeSpan Period { get; } = period;

        /// <summary>This tick.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;
    }

    /// <summary>A reminder could not be written or removed.</summary>
    public class ReminderException : OrleansException
    {
        /// <summary>In words.</summary>
        public ReminderException(string message) : base(message)
        {
        }
    }
}

namespace Orleans.Timers
{
    /// <summary>Registers reminders of grains.</summary>
    public interface IReminderRegistry
    {
        /// <summary>Registers a reminder, or gives it new times.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(
            GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>A reminder by name, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>All reminders of a grain.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}

namespace Orleans.Hosting
{
    /// <summary>Times of the reminder service.</summary>
    public class ReminderOptions
    {
        /// <summary>The shortest period.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read again.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);
    }
}
