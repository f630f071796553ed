namespace Orleans.Runtime.Placement;

/// <summary>
/// Consistent hash: each silo has many points on a circle of hashes, a grain belongs to the silo of the next point. So
/// a silo that comes takes a share from all others, and one that goes leaves a share to all others; nothing else moves.
/// All silos of one view have the same ring.
/// </summary>
internal sealed class HashRing
{
    // The share of a silo is then within about a tenth of the mean.
    private const int PointsPerSilo = 128;

    private readonly uint[] _points;
    private readonly SiloAddress[] _silos;

    public HashRing(IEnumerable<SiloAddress> silos)
    {
        var points = silos.SelectMany(silo => Enumerable.Range(0, PointsPerSilo).Select(number =>
            (Point: StableHash.Of((uint)silo.GetConsistentHashCode(), (uint)number), Silo: silo)))
            .Order().ToArray();
        _points = [.. points.Select(point => point.Point)];
        _silos = [.. points.Select(point => point.Silo)];
        Members = [.. _silos.Distinct().Order()];
        foreach (var member in Members) Number = StableHash.Of(Number, (uint)member.GetConsistentHashCode());
    }

    /// <summary>Rings of the same members have the same number.</summary>
    public uint Number { get; }

    public SiloAddress[] Members { get; }

    public bool IsEmpty => _silos.Length == 0;

    public SiloAddress OwnerOf(GrainId grain)
    {
        var index = Array.BinarySearch(_points, grain.GetUniformHashCode());
        if (index < 0) index = ~index;
        return _silos[index == _points.Length ? 0 : index];
    }
}
