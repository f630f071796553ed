using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<int> Double(int value);
    Task<string> Trace();
    Task Fail();
    Task<int> Own(int value);
}

public sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<int> Double(int value) => Task.FromResult(value * 2);

    public Task<string> Trace() => Task.FromResult((RequestContext.Get("trace") as string ?? "") + "method");

    public Task Fail() => throw new InvalidOperationException("inner");

    public Task<int> Own(int value) => Task.FromResult(value);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        RequestContext.Set("trace", (RequestContext.Get("trace") as string) + "grain>");
        await context.Invoke();
        if (context.MethodName == nameof(Own)) context.Result = (int)context.Result! + 100;
    }
}

public sealed class FilterTests : IAsyncLifetime
{
    private readonly List<string> _seen = [];
    private InProcessTestCluster _cluster = null!;

    private IFilteredGrain Grain =>
        _cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>().GetGrain<IFilteredGrain>("f");

    public async ValueTask InitializeAsync() => _cluster = await SharedCluster.Start(1, silo =>
    {
        silo.AddIncomingGrainCallFilter(context => Traced(context, "first>"));
        silo.AddIncomingGrainCallFilter(context => Traced(context, "second>"));
        silo.AddIncomingGrainCallFilter(async context =>
        {
            if (context.Request.GetArgumentCount() == 1 && context.Request.GetArgument(0) is -1)
            {
                context.Result = 42;
                return;
            }

            try
            {
                await context.Invoke();
            }
            catch (InvalidOperationException error) when (error.Message == "inner")
            {
                throw new ArgumentException("outer", error);
            }
        });
        silo.AddOutgoingGrainCallFilter(async context =>
        {
            if (context.MethodName == nameof(IFilteredGrain.Double) && context.Request.GetArgument(0) is 5)
            {
                context.Request.SetArgument(0, 6);
            }

            await context.Invoke();
        });
    });

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Incoming_filters_run_in_order_and_the_grain_s_own_comes_last()
    {
        Assert.Equal("first>second>grain>method", await Grain.Trace());
        Assert.Contains($"{typeof(IFilteredGrain).FullName}.{nameof(IFilteredGrain.Trace)}:FilteredGrain", _seen);
    }

    [Fact]
    public async Task A_filter_may_answer_itself_replace_the_result_or_translate_an_exception()
    {
        Assert.Equal(42, await Grain.Double(-1));
        Assert.Equal(103, await Grain.Own(3));
        Assert.Equal("outer", (await Assert.ThrowsAsync<ArgumentException>(() => Grain.Fail())).Message);
    }

    [Fact]
    public async Task An_outgoing_filter_may_change_arguments()
    {
        Assert.Equal(12, await Grain.Double(5));
        Assert.Equal(8, await Grain.Double(4));
    }

    private async Task Traced(IIncomingGrainCallContext context, string mark)
    {
        if (context.InterfaceName.StartsWith("OrleansEtl", StringComparison.Ordinal))
        {
            var by = context.ImplementationMethod.DeclaringType!.Name;
            lock (_seen) _seen.Add($"{context.InterfaceName}.{context.MethodName}:{by}");
            RequestContext.Set("trace", (RequestContext.Get("trace") as string) + mark);
        }

        await context.Invoke();
    }
}

public interface IStreamGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int upTo, CancellationToken cancellationToken = default);
    IAsyncEnumerable<string> Fail(int after);
    IAsyncEnumerable<int> Slow(string signal);
    Task<int> Ping();
    Task End();
}

public sealed class StreamGrain : Grain, IStreamGrain
{
    public async IAsyncEnumerable<int> Count(int upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < upTo; i++)
        {
            if (i % 70 == 69) await Task.Yield();
            yield return i;
        }
    }

    public async IAsyncEnumerable<string> Fail(int after)
    {
        for (var i = 0; i < after; i++) yield return i.ToString();
        await Task.Yield();
        throw new InvalidOperationException("broken");
    }

    public async IAsyncEnumerable<int> Slow(string signal)
    {
        try
        {
            yield return 1;
            await Signals.Wait(signal);
            yield return 2;
        }
        finally
        {
            Signals.Set(signal + "-disposed");
        }
    }

    public Task<int> Ping() => Task.FromResult(1);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class StreamTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task All_elements_arrive_in_order_from_inside_and_outside()
    {
        foreach (var factory in new[] { shared.Silo, shared.Client })
        {
            var seen = new List<int>();
            await foreach (var i in factory.GetGrain<IStreamGrain>(_key).Count(350)) seen.Add(i);
            Assert.Equal(Enumerable.Range(0, 350), seen);
        }
    }

    [Fact]
    public async Task A_batch_size_changes_nothing_but_the_fetches()
    {
        var sum = 0;
        await foreach (var i in shared.Client.GetGrain<IStreamGrain>(_key).Count(10).WithBatchSize(3)) sum += i;
        Assert.Equal(45, sum);
    }

    [Fact]
    public async Task An_exception_of_the_iterator_arrives_with_its_type()
    {
        var seen = new List<string>();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var text in shared.Client.GetGrain<IStreamGrain>(_key).Fail(3)) seen.Add(text);
        });
        Assert.Equal("broken", error.Message);
    }

    [Fact]
    public async Task The_grain_serves_others_while_a_stream_is_open_and_leaving_early_disposes_it()
    {
        var grain = shared.Silo.GetGrain<IStreamGrain>(_key);
        await foreach (var _ in grain.Slow(_key))
        {
            Assert.Equal(1, await grain.Ping());
            break;
        }

        Signals.Set(_key);
        await Signals.Wait(_key + "-disposed");
    }

    [Fact]
    public async Task A_stream_whose_grain_has_ended_is_aborted()
    {
        var grain = shared.Silo.GetGrain<IStreamGrain>(_key);
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () =>
        {
            await foreach (var i in grain.Count(1000).WithBatchSize(1))
            {
                if (i == 1) await grain.End();
            }
        });
    }
}

public interface INews : IGrainObserver
{
    void Tell(string text);
    Task<int> Ask(int question);
}

public interface INewsGrain : IGrainWithStringKey
{
    Task Publish(INews to, string text);
    Task<int> Question(INews to, int question);
}

public sealed class NewsGrain : Grain, INewsGrain
{
    public Task Publish(INews to, string text)
    {
        to.Tell(text);
        return Task.CompletedTask;
    }

    public Task<int> Question(INews to, int question) => to.Ask(question);
}

public sealed class ObserverTests(SharedCluster shared)
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task Grains_call_observers_outside()
    {
        foreach (var factory in new[] { shared.Client, shared.Silo })
        {
            var reader = new Reader();
            var reference = factory.CreateObjectReference<INews>(reader);
            var grain = factory.GetGrain<INewsGrain>(_key);
            await grain.Publish(reference, _key + factory.GetType().Name + factory.GetHashCode());
            await Signals.Wait(_key + factory.GetType().Name + factory.GetHashCode());
            Assert.Equal(8, await grain.Question(reference, 7));
            factory.DeleteObjectReference<INews>(reference);
            GC.KeepAlive(reader);
        }
    }

    [Fact]
    [Trait("category", "runtime-only")]
    public async Task A_call_to_a_deleted_observer_fails_at_once()
    {
        var reader = new Reader();
        var reference = shared.Client.CreateObjectReference<INews>(reader);
        shared.Client.DeleteObjectReference<INews>(reference);
        var grain = shared.Client.GetGrain<INewsGrain>(_key);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => grain.Question(reference, 7));
        GC.KeepAlive(reader);
    }

    private sealed class Reader : INews
    {
        public void Tell(string text) => Signals.Set(text);

        public Task<int> Ask(int question) => Task.FromResult(question + 1);
    }
}
