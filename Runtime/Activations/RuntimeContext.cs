namespace Orleans.Runtime;

/// <summary>Which activation's turn this thread is in.</summary>
internal static class RuntimeContext
{
    [ThreadStatic] private static IGrainContext? t_current;
    [ThreadStatic] private static IGrainContext? t_creating;

    public static IGrainContext? Current
    {
        get => t_current;
        set => t_current = value;
    }

    /// <summary>Set while the constructor of a grain runs.</summary>
    public static IGrainContext? Creating
    {
        get => t_creating;
        set => t_creating = value;
    }
}

/// <summary>Ids that no other call of this process gets; unguessable is not required of them.</summary>
internal static class SequentialGuid
{
    private static readonly Guid Seed = Guid.NewGuid();
    private static long _count;

    public static Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        Seed.TryWriteBytes(bytes);
        BitConverter.TryWriteBytes(bytes[8..], Interlocked.Increment(ref _count) ^ BitConverter.ToInt64(bytes[8..]));
        return new Guid(bytes);
    }
}
