using Orleans.Runtime;

namespace Orleans
{
    /// <summary>
    /// The table of all silos of one cluster, kept by a provider. Every insert and update moves the table's version by
    /// one and holds only if nobody moved it in between, so that all silos see the same sequence of views.
    /// </summary>
    public interface IMembershipTable
    {
        /// <summary>Called once before anything else.</summary>
        /// <param name="tryInitTableVersion">Make the version row if there is none.</param>
        Task InitializeMembershipTable(bool tryInitTableVersion);

        /// <summary>Removes all rows of the cluster.</summary>
        Task DeleteMembershipTableEntries(string clusterId);

        /// <summary>Removes dead silos that were last alive before that date.</summary>
        Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate);

        /// <summary>One silo and the version.</summary>
        Task<MembershipTableData> ReadRow(SiloAddress key);

        /// <summary>All silos and the version, of one moment.</summary>
        Task<MembershipTableData> ReadAll();

        /// <summary>Adds a silo. False: the table has moved on, or has that silo.</summary>
        /// <param name="tableVersion">The next version, with the etag of the one that was read.</param>
        Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion);

        /// <summary>Changes a silo. False: the row or the table has moved on.</summary>
        Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion);

        /// <summary>Writes <see cref="MembershipEntry.IAmAliveTime"/> alone, unconditionally; no version moves.</summary>
        Task UpdateIAmAlive(MembershipEntry entry);
    }

    /// <summary>Which view of the table.</summary>
    public sealed class TableVersion(int version, string eTag)
    {
        /// <summary>Grows by one with each change.</summary>
        public int Version { get; } = version;

        /// <summary>What the provider compares.</summary>
        public string VersionEtag { get; } = eTag;

        /// <summary>The version after this one, to be written on the condition of this one.</summary>
        public TableVersion Next() => new(Version + 1, VersionEtag);

        /// <inheritdoc/>
        public override string ToString() => $"<{Version}, {VersionEtag}>";
    }

    /// <summary>What was read of the table.</summary>
    public sealed class MembershipTableData
    {
        /// <summary>Several rows.</summary>
        public MembershipTableData(List<Tuple<MembershipEntry, string>> list, TableVersion tableVersion)
        {
            Members = list;
            Version = tableVersion;
        }

        /// <summary>One row.</summary>
        public MembershipTableData(Tuple<MembershipEntry, string> tuple, TableVersion tableVersion)
            : this([tuple], tableVersion)
        {
        }

        /// <summary>No row.</summary>
        public MembershipTableData(TableVersion tableVersion) : this([], tableVersion)
        {
        }

        /// <summary>The rows, each with its etag.</summary>
        public IReadOnlyList<Tuple<MembershipEntry, string>> Members { get; }

        /// <summary>The version.</summary>
        public TableVersion Version { get; }

        /// <summary>The row of a silo, or null.</summary>
        public Tuple<MembershipEntry, string>? TryGet(SiloAddress silo) =>
            Members.FirstOrDefault(member => member.Item1.SiloAddress.Equals(silo));
    }

    /// <summary>A silo in the table.</summary>
    [GenerateSerializer]
    public sealed class MembershipEntry
    {
        /// <summary>Its address.</summary>
        [Id(0)]
        public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

        /// <summary>Its status.</summary>
        [Id(1)]
        public SiloStatus Status { get; set; }

        /// <summary>Who suspects it, since when.</summary>
        [Id(2)]
        public List<Tuple<SiloAddress, DateTime>>? SuspectTimes { get; set; }

        /// <summary>Its gateway's port; 0 = none.</summary>
        [Id(3)]
        public int ProxyPort { get; set; }

        /// <summary>Its host.</summary>
        [Id(4)]
        public string HostName { get; set; } = "";

        /// <summary>Its name.</summary>
        [Id(5)]
        public string SiloName { get; set; } = "";

        /// <summary>Not stored by every provider.</summary>
        [Id(6)]
        public string? RoleName { get; set; }

        /// <summary>Not used.</summary>
        [Id(7)]
        public int UpdateZone { get; set; }

        /// <summary>Not used.</summary>
        [Id(8)]
        public int FaultZone { get; set; }

        /// <summary>When it started, UTC.</summary>
        [Id(9)]
        public DateTime StartTime { get; set; }

        /// <summary>When it last said that it is alive, UTC.</summary>
        [Id(10)]
        public DateTime IAmAliveTime { get; set; }
    }
}

namespace Orleans.Messaging
{
    /// <summary>Where clients find gateways.</summary>
    public interface IGatewayListProvider
    {
        /// <summary>Called once before anything else.</summary>
        Task InitializeGatewayListProvider();

        /// <summary>The gateways that are up: <c>gwy.tcp://ip:port/generation</c>.</summary>
        Task<IList<Uri>> GetGateways();

        /// <summary>How old the list may get.</summary>
        TimeSpan MaxStaleness { get; }

        /// <summary>Whether the list changes.</summary>
        bool IsUpdatable { get; }
    }
}
