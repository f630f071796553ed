using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>Rows from outside the engine. They may be asked for more than once: each reading gives the same
/// rows.</summary>
public interface IFeed
{
    ImmutableArray<FeedColumn> Columns { get; }

    /// <summary>Begins at the first row.</summary>
    IFeedReading Read();
}

/// <summary>One reading of a feed, by one thread at a time.</summary>
public interface IFeedReading : IDisposable
{
    /// <summary>Writes the next rows into the columns.</summary>
    /// <returns>How many, at most <paramref name="rowsMax"/>; 0 at the end.</returns>
    int Fill(ReadOnlySpan<FeedVector> columns, int rowsMax);
}

public sealed record FeedColumn(string Name, FeedType Type);

/// <param name="Width">Digits of a decimal.</param>
/// <param name="Scale">Of a decimal.</param>
/// <param name="Alias">A name of the engine for the type, such as JSON for a VARCHAR.</param>
/// <param name="Item">Of a list.</param>
public sealed record FeedType(
    DuckKind Kind, byte Width = 0, byte Scale = 0, string? Alias = null, FeedType? Item = null)
{
    internal TypeHandle Create()
    {
        var type = Kind switch
        {
            DuckKind.Decimal => DuckNative.CreateDecimalType(Width, Scale),
            DuckKind.List => List(Item!),
            _ => DuckNative.CreateType(Kind),
        };
        if (Alias is not null) DuckNative.TypeSetAlias(type, Alias);
        return type;
    }

    private static TypeHandle List(FeedType item)
    {
        using var type = item.Create();
        return DuckNative.CreateListType(type);
    }
}

/// <summary>A feed that queries of a session can read.</summary>
public sealed class FeedTable : IDisposable
{
    private readonly FeedBoard _board;
    private readonly long _id;
    private readonly IFeed _feed;
    private Exception? _failure;

    internal FeedTable(FeedBoard board, long id, IFeed feed) => (_board, _id, _feed) = (board, id, feed);

    /// <summary>What to write behind FROM.</summary>
    public string From => $"{FeedBoard.Function}({Sql.Number(_id)})";

    internal IFeed Feed => _feed;

    /// <summary>Why the engine was told that a reading failed; the first reason counts.</summary>
    internal Exception? Failure => Volatile.Read(ref _failure);

    internal void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    /// <summary>The queries that read it must be over.</summary>
    public void Dispose() => _board.Remove(_id);
}

/// <summary>A query failed because a feed did; the reason is within.</summary>
public sealed class FeedException(Exception reason) : Exception(reason.Message, reason);

/// <summary>
/// The feeds of an engine as one table function of it. The engine calls from threads of its own, so that nothing may be
/// thrown into it: what goes wrong is kept with the feed, and the engine is told that the query failed.
/// </summary>
internal sealed unsafe class FeedBoard : IDisposable
{
    public const string Function = "etl_feed";
    private static readonly int RowsMax = (int)DuckNative.VectorSize();
    private readonly ConcurrentDictionary<long, FeedTable> _feeds = [];
    private GCHandle _self;
    private long _last;

    public FeedBoard() => _self = GCHandle.Alloc(this);

    public FeedTable Add(IFeed feed)
    {
        var id = Interlocked.Increment(ref _last);
        return _feeds[id] = new FeedTable(this, id, feed);
    }

    public void Remove(long id) => _feeds.TryRemove(id, out _);

    public void Register(ConnectionHandle connection)
    {
        var function = DuckNative.CreateTableFunction();
        using var bigint = DuckNative.CreateType(DuckKind.BigInt);
        DuckNative.TableFunctionSetName(function, Function);
        DuckNative.TableFunctionAddParameter(function, bigint);
        DuckNative.TableFunctionSetExtraInfo(function, GCHandle.ToIntPtr(_self), null);
        DuckNative.TableFunctionSetBind(function, &Bind);
        DuckNative.TableFunctionSetInit(function, &Begin);
        DuckNative.TableFunctionSetFunction(function, &Fill);
        var state = DuckNative.RegisterTableFunction(connection, function);
        DuckNative.DestroyTableFunction(ref function);
        if (state != DuckNative.Success) throw new DuckException(DuckFault.Parse("The feeds cannot be registered."));
    }

    /// <summary>Only after the database is closed.</summary>
    public void Dispose() => _self.Free();

    private FeedTable Find(long id) =>
        _feeds.TryGetValue(id, out var feed) ? feed : throw new InvalidOperationException($"There is no feed {id}.");

    private static FeedBoard Of(nint extraInfo) => (FeedBoard)GCHandle.FromIntPtr(extraInfo).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint info)
    {
        try
        {
            var value = DuckNative.BindGetParameter(info, 0);
            var id = DuckNative.GetInt64(value);
            DuckNative.DestroyValue(ref value);
            foreach (var column in Of(DuckNative.BindGetExtraInfo(info)).Find(id).Feed.Columns)
            {
                using var type = column.Type.Create();
                DuckNative.BindAddResultColumn(info, column.Name, type);
            }

            DuckNative.BindSetBindData(info, (nint)id, null);
        }
        catch (Exception failed)
        {
            DuckNative.BindSetError(info, failed.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Begin(nint info)
    {
        try
        {
            var feed = Of(DuckNative.InitGetExtraInfo(info)).Find(DuckNative.InitGetBindData(info));
            DuckNative.InitSetMaxThreads(info, 1);
            DuckNative.InitSetInitData(info, GCHandle.ToIntPtr(GCHandle.Alloc(new Reading(feed))), &End);
        }
        catch (Exception failed)
        {
            DuckNative.InitSetError(info, failed.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fill(nint info, nint chunk)
    {
        var reading = (Reading)GCHandle.FromIntPtr(DuckNative.FunctionGetInitData(info)).Target!;
        try
        {
            DuckNative.ChunkSetSize(chunk, (ulong)reading.Fill(chunk, RowsMax));
        }
        catch (Exception failed)
        {
            reading.Feed.Fail(failed);
            DuckNative.FunctionSetError(info, "the rows that are read from outside have come to an end too early.");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void End(nint data)
    {
        var handle = GCHandle.FromIntPtr(data);
        var reading = (Reading)handle.Target!;
        handle.Free();
        try
        {
            reading.Dispose();
        }
        catch (Exception failed)
        {
            reading.Feed.Fail(failed);
        }
    }

    private sealed class Reading(FeedTable feed) : IDisposable
    {
        private IFeedReading? _reading;

        public FeedTable Feed => feed;

        public int Fill(nint chunk, int rowsMax)
        {
            _reading ??= feed.Feed.Read();
            var vectors = new FeedVector[feed.Feed.Columns.Length];
            for (var i = 0; i < vectors.Length; i++) vectors[i] = new FeedVector(DuckNative.ChunkVector(chunk, (ulong)i));
            return _reading.Fill(vectors, rowsMax);
        }

        public void Dispose() => _reading?.Dispose();
    }
}
