namespace Orleans.Runtime;

/// <summary>How streams of results are fetched.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>At most that many elements a fetch.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize) =>
        self is GrainStream<T> stream ? stream.WithBatchSize(maxBatchSize) : self;
}

/// <summary>The caller's side of a stream of results.</summary>
internal sealed class GrainStream<T>(StreamRequest<T> opening, GrainReference reference, int itemsMax = 100)
    : IAsyncEnumerable<T>
{
    public GrainStream<T> WithBatchSize(int size) => new(opening, reference, size);

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(opening.CallerToken, cancellationToken);
        var id = SequentialGuid.Next();
        var first = (StreamRequest<T>)opening.Renewed();
        var opened = false;
        try
        {
            while (true)
            {
                linked.Token.ThrowIfCancellationRequested();
                var fetch = new StreamFetch<T>
                {
                    Id = id,
                    ItemsMax = itemsMax,
                    Opening = opened ? null : first,
                    CallerToken = linked.Token,
                };
                opened = true;
                var batch = await fetch.Send(reference);
                foreach (var item in batch.Items) yield return item;
                if (batch.Status == StreamStatus.Ended)
                {
                    opened = false;
                    yield break;
                }

                if (batch.Status == StreamStatus.Unknown)
                {
                    opened = false;
                    throw new EnumerationAbortedException(
                        $"The stream of results of {reference.GrainId} is no longer there: the grain was deactivated, "
                        + "or nothing was fetched for too long.");
                }
            }
        }
        finally
        {
            if (opened) await Close(id);
        }
    }

    private async Task Close(Guid id)
    {
        try
        {
            await reference.Cast<IStreamExtension>().Stop(id);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException)
        {
            // The grain is gone, and the stream with it.
        }
    }
}

/// <summary>The grain's side of its streams. Streams that nobody fetches from are closed after a while.</summary>
internal sealed class StreamExtension : IStreamExtension, IAsyncDisposable
{
    private readonly Activation _activation;
    private readonly Dictionary<Guid, OpenStream> _streams = [];
    private readonly ITimer _cleaner;

    public StreamExtension(Activation activation)
    {
        _activation = activation;
        var period = activation.Silo.ResponseTimeout;
        _cleaner = activation.Silo.Time.CreateTimer(
            _ => activation.Turns.Run(CloseUnused), null, period, period);
    }

    public async Task<StreamBatch<T>> Fetch<T>(Guid id, StreamRequest<T>? opening, int itemsMax)
    {
        if (opening is not null && !_streams.ContainsKey(id))
        {
            opening.AllowCancellation();
            var elements = opening.Open(_activation.GrainInstance!).GetAsyncEnumerator(opening.StreamToken);
            _streams[id] = new OpenStream<T>(elements, opening);
        }

        if (!_streams.TryGetValue(id, out var known)) return new(StreamStatus.Unknown, []);
        var stream = (OpenStream<T>)known;
        stream.Used = true;
        try
        {
            return await Collect(id, stream, itemsMax);
        }
        catch
        {
            await Stop(id);
            throw;
        }
    }

    public async Task Stop(Guid id)
    {
        if (_streams.Remove(id, out var stream)) await stream.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _cleaner.DisposeAsync();
        foreach (var id in _streams.Keys.ToArray()) await Stop(id);
    }

    // Waits for the first element half as long as the caller would; takes along what is ready at once.
    private async Task<StreamBatch<T>> Collect<T>(Guid id, OpenStream<T> stream, int itemsMax)
    {
        var items = new List<T>();
        while (items.Count < itemsMax)
        {
            var next = stream.Next();
            if (!next.IsCompleted)
            {
                if (items.Count > 0) break;
                using var patience = new CancellationTokenSource(
                    _activation.Silo.ResponseTimeout / 2, _activation.Silo.Time);
                var waited = Task.Delay(Timeout.InfiniteTimeSpan, patience.Token);
                if (await Task.WhenAny(next, waited) != next) break;
            }

            stream.Taken();
            if (!await next)
            {
                _streams.Remove(id);
                await stream.Close();
                return new(StreamStatus.Ended, [.. items.Select(Serialization.Codecs.CodecTable.Copy)]);
            }

            items.Add(stream.Current);
        }

        return new(StreamStatus.More, [.. items.Select(Serialization.Codecs.CodecTable.Copy)]);
    }

    private async Task CloseUnused()
    {
        foreach (var (id, stream) in _streams.ToArray())
        {
            if (!stream.Used) await Stop(id);
            stream.Used = false;
        }
    }

    private abstract class OpenStream
    {
        public bool Used { get; set; }

        public abstract Task Close();
    }

    private sealed class OpenStream<T>(IAsyncEnumerator<T> elements, Request opening) : OpenStream
    {
        private Task<bool>? _next;

        public T Current => elements.Current;

        public Task<bool> Next() => _next ??= elements.MoveNextAsync().AsTask();

        public void Taken() => _next = null;

        // An iterator must not be disposed while it is on its way to the next element: that is waited for,
        // but not by the one who closes.
        public override Task Close()
        {
            opening.CancelCallee();
            if (_next is null or { IsCompleted: true }) return elements.DisposeAsync().AsTask();
            _ = DisposeAfter(_next);
            return Task.CompletedTask;
        }

        private async Task DisposeAfter(Task<bool> next)
        {
            await next.ContinueWith(static _ => { }, TaskScheduler.Current);
            await elements.DisposeAsync();
        }
    }
}
