using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// Exact row counts between the steps of one query. A tap packs each row into one value behind a condition that is
/// always true and counts what passes, then unpacks it. DuckDB moves no filter over a column of that row, no join filter
/// and no limit across it, since the condition might change with every call; yet the rows stay where they are, for a
/// chunk whose condition holds throughout is handed on and not copied, by all threads. (A sample of everything would be
/// as good a wall, but in DuckDB 1.5 it lets only one thread through.)
/// So a tap counts the rows that its step gives, as if the step had run alone. What can make it count fewer: a LIMIT
/// further on, which stops the flow early, and a later filter that names no column, such as random() &lt; 0.5.
/// All columns of a tapped SELECT are read, also those that nobody wants further on: what a source cannot read shows.
/// </summary>
public sealed class TapSet : IDisposable
{
    private readonly TapBoard _board;
    private readonly ImmutableArray<int> _slots;
    private int _disposed;

    internal TapSet(TapBoard board, ImmutableArray<int> slots) => (_board, _slots) = (board, slots);

    public int Count => _slots.Length;

    /// <summary>The rows that have passed tap <paramref name="tap"/> so far; readable while the query runs.</summary>
    public long Rows(int tap) => _board.Read(_slots[tap]);

    /// <summary>The SELECT with tap <paramref name="tap"/> behind it. Put each tap into a query once.</summary>
    public string Behind(int tap, string select) =>
        $"SELECT \"etl row\".* FROM (SELECT CASE WHEN {TapBoard.Function}({_slots[tap]}) THEN \"etl rows\" END AS \"etl row\" "
        + $"FROM {Sql.Nested(select)} AS \"etl rows\") WHERE \"etl row\" IS NOT NULL";

    /// <summary>Gives the taps back. The query must be over.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _board.Return(_slots);
    }
}

/// <summary>The counters of an engine's taps, in memory that the native threads add to.</summary>
internal sealed unsafe class TapBoard : IDisposable
{
    public const string Function = "etl_tap";
    private const int LineBytes = 64;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free;
    private byte* _memory;

    public TapBoard(int slots)
    {
        // The first line holds the number of slots; a counter has a line of its own, since threads add to neighbours at
        // once.
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(slots + 1) * LineBytes, LineBytes);
        *(long*)_memory = slots;
        _free = new Stack<int>(Enumerable.Range(0, slots).Reverse());
    }

    public TapSet Rent(int count)
    {
        lock (_lock)
        {
            if (count > _free.Count)
                throw new FaultException(new Fault(
                    FaultKind.Exhausted, DataCodes.EngineSettings,
                    $"{count} row taps are wanted, {_free.Count} are free."));
            var slots = Enumerable.Range(0, count).Select(_ => _free.Pop()).ToImmutableArray();
            foreach (var slot in slots) Volatile.Write(ref *Counter(slot), 0);
            return new TapSet(this, slots);
        }
    }

    public long Read(int slot)
    {
        lock (_lock) return _memory is null ? 0 : Volatile.Read(ref *Counter(slot));
    }

    public void Return(ImmutableArray<int> slots)
    {
        lock (_lock)
            foreach (var slot in slots) _free.Push(slot);
    }

    public void Register(ConnectionHandle connection)
    {
        var function = DuckNative.CreateScalarFunction();
        using var bigint = DuckNative.CreateType(DuckKind.BigInt);
        using var boolean = DuckNative.CreateType(DuckKind.Boolean);
        DuckNative.ScalarFunctionSetName(function, Function);
        DuckNative.ScalarFunctionAddParameter(function, bigint);
        DuckNative.ScalarFunctionSetReturnType(function, boolean);
        DuckNative.ScalarFunctionSetVolatile(function);
        DuckNative.ScalarFunctionSetExtraInfo(function, _memory, null);
        DuckNative.ScalarFunctionSetFunction(function, &CountRows);
        var state = DuckNative.RegisterScalarFunction(connection, function);
        DuckNative.DestroyScalarFunction(ref function);
        if (state != DuckNative.Success) throw new DuckException(DuckFault.Parse("The row taps cannot be registered."));
    }

    /// <summary>Only after the database is closed: until then its threads may count.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }

    private long* Counter(int slot) => (long*)(_memory + (slot + 1L) * LineBytes);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void CountRows(nint info, nint input, nint output)
    {
        var rows = DuckNative.ChunkSize(input);
        if (rows == 0) return;
        var memory = (byte*)DuckNative.ScalarFunctionGetExtraInfo(info);
        var slot = *(long*)DuckNative.VectorData(DuckNative.ChunkVector(input, 0));
        if (slot >= 0 && slot < *(long*)memory)
            Interlocked.Add(ref *(long*)(memory + (slot + 1) * LineBytes), (long)rows);
        NativeMemory.Fill(DuckNative.VectorData(output), (nuint)rows, 1);
    }
}
