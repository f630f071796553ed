namespace Orleans.Runtime;

/// <summary>
/// The calls that wait for an answer, in lists without allocation, spread by thread so that callers do not meet.
/// Once a second the overdue ones are failed; the count of seconds is also the runtime's coarse clock.
/// </summary>
internal sealed class CallsInFlight : IDisposable
{
    private readonly Shard[] _shards;
    private readonly ITimer _clock;
    private readonly Action _everySecond;
    private int _second;

    public CallsInFlight(TimeProvider time, Action everySecond)
    {
        var count = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount * 2);
        _shards = [.. Enumerable.Range(0, count).Select(_ => new Shard())];
        _everySecond = everySecond;
        _clock = time.CreateTimer(
            static state => ((CallsInFlight)state!).Tick(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public int Second => Volatile.Read(ref _second);

    public void Add(Request request, TimeSpan timeout)
    {
        // One more than asked, since the current second has partly gone by.
        request.DueSecond = timeout == Timeout.InfiniteTimeSpan || timeout.TotalSeconds > int.MaxValue / 2
            ? int.MaxValue
            : Second + (int)Math.Ceiling(timeout.TotalSeconds) + (timeout.TotalSeconds % 1 == 0 ? 1 : 0);
        var index = (short)(Environment.CurrentManagedThreadId & (_shards.Length - 1));
        var shard = _shards[index];
        lock (shard)
        {
            request.InFlightShard = index;
            request.LaterCall = shard.Latest;
            if (shard.Latest is not null) shard.Latest.EarlierCall = request;
            shard.Latest = request;
        }
    }

    public void Remove(Request request)
    {
        if (request.InFlightShard < 0) return;
        var shard = _shards[request.InFlightShard];
        lock (shard)
        {
            if (request.EarlierCall is { } earlier) earlier.LaterCall = request.LaterCall;
            else if (shard.Latest == request) shard.Latest = request.LaterCall;
            if (request.LaterCall is { } later) later.EarlierCall = request.EarlierCall;
            request.EarlierCall = request.LaterCall = null;
            request.InFlightShard = -1;
        }
    }

    public List<Request> Where(Func<Request, bool> condition)
    {
        var found = new List<Request>();
        foreach (var shard in _shards)
        {
            lock (shard)
            {
                for (var call = shard.Latest; call is not null; call = call.LaterCall)
                    if (condition(call)) found.Add(call);
            }
        }

        return found;
    }

    public void Dispose() => _clock.Dispose();

    private void Tick()
    {
        var now = Interlocked.Increment(ref _second);
        foreach (var call in Where(call => call.DueSecond <= now))
        {
            call.Fail(new TimeoutException(
                $"No answer from {call.Target} to {call.GetActivityName()} within the response timeout. "
                + "The call may have run, may be running or may run later."));
            call.Caller?.Forget(call);
        }

        _everySecond();
    }

    private sealed class Shard
    {
        public Request? Latest;
    }
}
