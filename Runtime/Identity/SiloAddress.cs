using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace Orleans.Runtime;

/// <summary>
/// One life of one silo: its endpoint and a generation that grows with every restart, so that a
/// restarted silo is never taken for the one that died. Clients carry negative generations.
/// </summary>
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>, ISpanParsable<SiloAddress>
{
    private static readonly DateTime GenerationEpoch = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static int _lastGeneration;
    private readonly int _hash;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
        _hash = (int)StableHash.Of(Encoding.UTF8.GetBytes(ToParsableString()));
    }

    /// <summary>No silo.</summary>
    public static SiloAddress Zero { get; } = new(new IPEndPoint(IPAddress.Any, 0), 0);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which life of that endpoint.</summary>
    public int Generation { get; }

    /// <summary>A client, not a silo.</summary>
    public bool IsClient => Generation < 0;

    /// <summary>The silo at that endpoint.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <inheritdoc cref="New(IPEndPoint, int)"/>
    public static SiloAddress New(IPAddress address, int port, int generation) =>
        new(new IPEndPoint(address, port), generation);

    /// <summary>A generation later than all before, also within one second.</summary>
    public static int AllocateNewGeneration()
    {
        var bySecond = (int)(TimeProvider.System.GetUtcNow().UtcDateTime - GenerationEpoch).TotalSeconds;
        while (true)
        {
            var last = Volatile.Read(ref _lastGeneration);
            var next = Math.Max(bySecond, last + 1);
            if (Interlocked.CompareExchange(ref _lastGeneration, next, last) == last) return next;
        }
    }

    /// <summary><c>ip:port@generation</c></summary>
    public string ToParsableString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Address}:{Endpoint.Port}@{Generation}");

    /// <summary>Reads what <see cref="ToParsableString"/> wrote.</summary>
    public static SiloAddress FromParsableString(string addr) => Parse(addr.AsSpan(), null);

    /// <inheritdoc cref="FromParsableString"/>
    public static SiloAddress Parse(string value, IFormatProvider? provider) => Parse(value.AsSpan(), provider);

    /// <inheritdoc cref="FromParsableString"/>
    public static SiloAddress Parse(ReadOnlySpan<char> value, IFormatProvider? provider) =>
        TryParse(value, provider, out var address)
            ? address
            : throw new FormatException($"\"{value}\" is not a silo address; expected ip:port@generation.");

    /// <inheritdoc cref="FromParsableString"/>
    public static bool TryParse(
        [NotNullWhen(true)] string? value, IFormatProvider? provider, [MaybeNullWhen(false)] out SiloAddress result) =>
        TryParse(value.AsSpan(), provider, out result);

    /// <inheritdoc cref="FromParsableString"/>
    public static bool TryParse(
        ReadOnlySpan<char> value, IFormatProvider? provider, [MaybeNullWhen(false)] out SiloAddress result)
    {
        result = null;
        var at = value.LastIndexOf('@');
        if (at < 0 || value[..at].LastIndexOf(':') is var colon && colon < 0) return false;
        if (!IPAddress.TryParse(value[..colon], out var ip)
            || !ushort.TryParse(value[(colon + 1)..at], CultureInfo.InvariantCulture, out var port)
            || !int.TryParse(value[(at + 1)..], CultureInfo.InvariantCulture, out var generation)) return false;
        result = New(ip, port, generation);
        return true;
    }

    /// <summary>A hash that is the same in every process.</summary>
    public int GetConsistentHashCode() => _hash;

    /// <summary>A later life of the same endpoint.</summary>
    public bool IsSuccessorOf(SiloAddress other) =>
        Generation != 0 && Endpoint.Equals(other.Endpoint) && Generation > other.Generation;

    /// <inheritdoc/>
    public bool Equals(SiloAddress? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public int CompareTo(SiloAddress? other)
    {
        if (other is null) return 1;
        var byPort = Endpoint.Port.CompareTo(other.Endpoint.Port);
        if (byPort != 0) return byPort;
        var byIp = Endpoint.Address.GetAddressBytes().AsSpan()
            .SequenceCompareTo(other.Endpoint.Address.GetAddressBytes());
        return byIp != 0 ? byIp : Generation.CompareTo(other.Generation);
    }

    /// <summary>For people: <c>S</c> or <c>C</c> and the parsable form.</summary>
    public override string ToString() => (IsClient ? "C" : "S") + ToParsableString();
}
