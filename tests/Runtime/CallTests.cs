using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

[GenerateSerializer, Alias("tests.Basket")]
public sealed class Basket
{
    [Id(0)] public List<string> Items { get; set; } = [];
}

[GenerateSerializer, Immutable, Alias("tests.Sealed")]
public sealed class SealedBasket
{
    [Id(0)] public List<string> Items { get; set; } = [];
}

[GenerateSerializer, Alias("tests.Spoiled")]
public sealed class SpoiledException(string message, int grade) : Exception(message)
{
    [Id(0)] public int Grade { get; } = grade;
}

public sealed class UnknownException(string message) : Exception(message);

public interface ICallGrain : IGrainWithStringKey
{
    Task<Basket> Keep(Basket basket);
    Task<List<string>> Kept();
    Task<SealedBasket> Same(SealedBasket basket);
    Task<Immutable<Basket>> SameWrapped(Immutable<Basket> basket);
    ValueTask<int> Add(int left, int right);
    ValueTask Touch();
    Task ThrowNow(string text);
    Task ThrowLater(string text);
    Task ThrowSpoiled();
    Task ThrowUnknown();
    [OneWay] Task Notify(string signal);
    [OneWay] Task NotifyAndThrow(string signal);
    [ResponseTimeout("00:00:01")] Task Hang();
    Task<string?> Read(string name);
    Task<string?> SetThenReadFrom(string name, string value, string otherKey);
    Task<T> Twice<T>(T value, List<T> into);
    Task<string> WaitFor(string started, CancellationToken cancellationToken);
    Task<bool> HasCancelled();
    Task<object> Boxed(object value);
    Task<string?> Nothing(string? maybe);
    Task PassYourself(bool byReference);
    Task Take(ICallGrain grain);
}

public sealed class CallGrain : Grain, ICallGrain
{
    private Basket _kept = new();
    private bool _cancelled;

    public Task<Basket> Keep(Basket basket)
    {
        _kept = basket;
        return Task.FromResult(basket);
    }

    public Task<List<string>> Kept() => Task.FromResult(_kept.Items);

    public Task<SealedBasket> Same(SealedBasket basket) => Task.FromResult(basket);

    public Task<Immutable<Basket>> SameWrapped(Immutable<Basket> basket) => Task.FromResult(basket);

    public ValueTask<int> Add(int left, int right) => new(left + right);

    public async ValueTask Touch() => await Task.Yield();

    public Task ThrowNow(string text) => throw new ArgumentException(text);

    public async Task ThrowLater(string text)
    {
        await Task.Yield();
        throw new ArgumentException(text);
    }

    public Task ThrowSpoiled() => throw new SpoiledException("bad", 7);

    public Task ThrowUnknown() => throw new UnknownException("who?");

    public Task Notify(string signal)
    {
        Signals.Set(signal);
        return Task.CompletedTask;
    }

    public Task NotifyAndThrow(string signal)
    {
        Signals.Set(signal);
        throw new InvalidOperationException("nobody hears this");
    }

    public Task Hang() => new TaskCompletionSource().Task;

    public Task<string?> Read(string name) => Task.FromResult(RequestContext.Get(name) as string);

    public async Task<string?> SetThenReadFrom(string name, string value, string otherKey)
    {
        RequestContext.Set(name, value);
        return await GrainFactory.GetGrain<ICallGrain>(otherKey).Read(name);
    }

    public Task<T> Twice<T>(T value, List<T> into)
    {
        into.Add(value);
        return Task.FromResult(into[^1]);
    }

    public async Task<string> WaitFor(string started, CancellationToken cancellationToken)
    {
        Signals.Set(started);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled = true;
            Signals.Set(started + "-cancelled");
        }

        return "ended";
    }

    public Task<bool> HasCancelled() => Task.FromResult(_cancelled);

    public Task<object> Boxed(object value) => Task.FromResult(value);

    public Task<string?> Nothing(string? maybe) => Task.FromResult(maybe);

    public Task PassYourself(bool byReference) =>
        GrainFactory.GetGrain<ICallGrain>(Signals.NewKey()).Take(byReference ? this.AsReference<ICallGrain>() : this);

    public Task Take(ICallGrain grain) => Task.CompletedTask;
}

public sealed class CallTests(SharedCluster shared)
{
    private readonly ICallGrain _inside = shared.Silo.GetGrain<ICallGrain>(Signals.NewKey());
    private readonly ICallGrain _outside = shared.Client.GetGrain<ICallGrain>(Signals.NewKey());

    [Fact]
    public async Task An_argument_changed_after_the_call_is_not_changed_in_the_grain()
    {
        var basket = new Basket { Items = ["apple"] };
        await _inside.Keep(basket);
        basket.Items.Add("worm");
        Assert.Equal(["apple"], await _inside.Kept());
    }

    [Fact]
    public async Task A_result_changed_by_the_caller_is_not_changed_in_the_grain()
    {
        var back = await _inside.Keep(new Basket { Items = ["apple"] });
        back.Items.Clear();
        Assert.Equal(["apple"], await _inside.Kept());
    }

    [Fact]
    public async Task An_immutable_argument_is_passed_as_it_is_within_a_silo()
    {
        var basket = new SealedBasket();
        Assert.Same(basket, await _inside.Same(basket));
        var wrapped = new Basket();
        Assert.Same(wrapped, (await _inside.SameWrapped(wrapped.AsImmutable())).Value);
    }

    [Fact]
    public async Task A_reference_declared_as_object_or_any_grain_is_bound_where_it_arrives()
    {
        var boxed = Assert.IsAssignableFrom<ICallGrain>(await _outside.Boxed(_outside));
        Assert.Equal(3, await boxed.Add(1, 2));
        var any = shared.Client.GetGrain(_outside.GetGrainId());
        Assert.Equal(any, await _outside.Boxed(any));
    }

    [Fact]
    public async Task Values_come_back_from_inside_and_outside()
    {
        foreach (var grain in new[] { _inside, _outside })
        {
            Assert.Equal(5, await grain.Add(2, 3));
            await grain.Touch();
            Assert.Equal("a", await grain.Twice("a", []));
            Assert.Equal(4, await grain.Twice(4, [1]));
            Assert.Null(await grain.Nothing(null));
            Assert.Equal(["pear"], (await grain.Keep(new Basket { Items = ["pear"] })).Items);
        }
    }

    [Fact]
    public async Task A_value_declared_as_object_keeps_its_type()
    {
        Assert.Equal(7, await _outside.Boxed(7));
        Assert.Equal("text", await _outside.Boxed("text"));
        Assert.IsType<Basket>(await _outside.Boxed(new Basket()));
        Assert.Equal([1, 2], Assert.IsType<List<int>>(await _outside.Boxed(new List<int> { 1, 2 })));
    }

    [Fact]
    public async Task An_exception_keeps_its_type_and_message()
    {
        foreach (var grain in new[] { _inside, _outside })
        {
            Assert.Equal("now", (await Assert.ThrowsAsync<ArgumentException>(() => grain.ThrowNow("now"))).Message);
            var later = await Assert.ThrowsAsync<ArgumentException>(() => grain.ThrowLater("later"));
            Assert.Equal("later", later.Message);
        }
    }

    [Fact]
    public async Task An_exception_with_a_serializer_arrives_with_its_members()
    {
        var error = await Assert.ThrowsAsync<SpoiledException>(() => _outside.ThrowSpoiled());
        Assert.Equal(7, error.Grade);
        Assert.Equal("bad", error.Message);
    }

    [Fact]
    public async Task An_exception_without_a_serializer_does_not_cross_to_another_process()
    {
        await Assert.ThrowsAsync<CodecNotFoundException>(() => _outside.ThrowUnknown());
        await Assert.ThrowsAsync<UnknownException>(() => _inside.ThrowUnknown());
    }

    [Fact]
    public async Task A_one_way_call_reports_neither_result_nor_exception()
    {
        var first = Signals.NewKey();
        var second = Signals.NewKey();
        await _outside.Notify(first);
        await _inside.NotifyAndThrow(second);
        await Signals.Wait(first);
        await Signals.Wait(second);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_in_a_timeout()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => _inside.Hang());
    }

    [Fact]
    public async Task The_request_context_flows_on_and_never_back()
    {
        var other = Signals.NewKey();
        RequestContext.Set("who", "caller");
        Assert.Equal("caller", await _outside.Read("who"));
        Assert.Equal("callee", await _outside.SetThenReadFrom("who", "callee", other));
        Assert.Equal("caller", RequestContext.Get("who"));
        RequestContext.Clear();
        Assert.Null(await _outside.Read("who"));
    }

    [Fact]
    public async Task A_cancelled_caller_goes_on_at_once_and_the_callee_hears_of_it()
    {
        foreach (var grain in new[] { _inside, _outside })
        {
            var started = Signals.NewKey();
            using var cancel = new CancellationTokenSource();
            var call = grain.WaitFor(started, cancel.Token);
            await Signals.Wait(started);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            await Signals.Wait(started + "-cancelled");
            Assert.True(await grain.HasCancelled());
        }
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_sent()
    {
        var started = Signals.NewKey();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _inside.WaitFor(started, new CancellationToken(canceled: true)));
        Assert.False(await _inside.HasCancelled());
        Assert.False(Signals.IsSet(started));
    }

    [Fact]
    public async Task A_request_cancelled_in_the_queue_never_runs()
    {
        var first = Signals.NewKey();
        var second = Signals.NewKey();
        using var cancelFirst = new CancellationTokenSource();
        using var cancelSecond = new CancellationTokenSource();
        var running = _inside.WaitFor(first, cancelFirst.Token);
        await Signals.Wait(first);
        var queued = _inside.WaitFor(second, cancelSecond.Token);
        await cancelSecond.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        await cancelFirst.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await _inside.HasCancelled();
        Assert.False(Signals.IsSet(second));
    }

    [Fact]
    public async Task An_argument_that_cannot_be_written_is_refused_and_nothing_is_sent()
    {
        await Assert.ThrowsAsync<CodecNotFoundException>(() => _outside.Boxed(new object[] { new Unwritable() }));
        await Assert.ThrowsAsync<CodecNotFoundException>(() => _inside.Boxed(new Unwritable()));
    }

    [Fact]
    public async Task Passing_a_grain_instead_of_its_reference_is_an_error()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => _inside.PassYourself(byReference: false));
        await _inside.PassYourself(byReference: true);
    }

    private sealed class Unwritable;
}
