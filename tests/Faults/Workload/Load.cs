using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Client;
using OrleansEtl.Faults.Tests.Oracle;

namespace OrleansEtl.Faults.Tests.Workload;

/// <summary>People who start runs and look at them, several at once, until they are told to stop. A start that is not answered is asked
/// again under the same key until it is, so that every key must end as one run.</summary>
/// <param name="clients">Each talks to the cluster in a way of its own.</param>
/// <param name="bound">No call may take longer, whatever goes wrong.</param>
internal sealed class Load(ImmutableArray<IEtl> clients, ImmutableArray<Work> works, Witness witness, int seed, TimeSpan bound, Action<string> say)
{
    /// <summary>The wait between two looks at a run that others watch.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromSeconds(3);

    /// <summary>For a run that nothing disturbs.</summary>
    private static readonly TimeSpan CalmPatience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private volatile string _lastSeen = "";
    private int _number;

    /// <summary>Whether people ask for the same run several times.</summary>
    public bool StartsAgain { get; init; } = true;

    public int Ended => _ended;
    private int _ended;

    /// <summary>Begins nothing new; those who wait for a run go on waiting.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends when <see cref="Stop"/> was called and every run that was begun has been seen to end.</summary>
    public Task Run(int people, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, people).Select(person => Task.Run(() => Live(person, cancellation), cancellation)));

    /// <summary>One run of each work, one after the other; for the yardstick.</summary>
    public async Task RunEach(string prefix, CancellationToken cancellation)
    {
        foreach (var work in works)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(CalmPatience);
            try
            {
                await StartAndSee(new Random(seed), $"{prefix}-{work.Name}", work, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"undisturbed, {work.Name} has not ended within {CalmPatience.TotalSeconds:0} s: {_lastSeen}");
            }
        }
    }

    private async Task Live(int person, CancellationToken cancellation)
    {
        var chance = new Random(HashCode.Combine(seed, person));
        while (!_stop.IsCancellationRequested)
            await StartAndSee(chance, $"k{Interlocked.Increment(ref _number):00000}", works[chance.Next(works.Length)], cancellation);
    }

    private async Task StartAndSee(Random chance, string key, Work work, CancellationToken cancellation)
    {
        witness.Asks(key, work.Name);
        var request = new StartRequest(work.Spec, [new Field("key", new SpecValue.Text(key))], IdempotencyKey: key);
        var run = await Start(Any(chance), key, request, cancellation);
        if (StartsAgain && chance.Next(4) == 0) await Start(Any(chance), key, request, cancellation);
        if (work.EndsAs == RunStatus.Cancelled) await GiveUp(chance, run, cancellation);
        if (chance.Next(3) == 0) await Watch(chance, run, cancellation);
        await Look(chance, run, cancellation);
        if (StartsAgain && chance.Next(4) == 0) await Start(Any(chance), key, request, cancellation); // a run that has ended is still the key's run
        await See(Any(chance), run, cancellation);
        Interlocked.Increment(ref _ended);
    }

    private IEtl Any(Random chance) => clients[chance.Next(clients.Length)];

    private async Task<RunId> Start(IEtl client, string key, StartRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            var begun = await Call("start", () => client.Start(request, cancellation));
            if (begun is Begun.Run run)
            {
                witness.Answered(key, run.Id);
                return run.Id;
            }
            if (begun is Begun.Refused refused && !refused.Faults.All(f => f.IsTransient))
                throw new InvalidOperationException($"{key} was refused: {string.Join(' ', refused.Faults)}");
        }
    }

    /// <summary>Until the cluster has heard it; twice is as good as once.</summary>
    private async Task GiveUp(Random chance, RunId run, CancellationToken cancellation)
    {
        await Task.Delay(chance.NextDouble() * GivenUpAfter, cancellation);
        while (await Call("cancel", () => Any(chance).Cancel(run, "enough", null, cancellation)) is not { } answer
            || answer is Answer.Refused { Faults: [{ IsTransient: true }, ..] })
        {
            // It did not answer within its bound.
        }
    }

    private async Task Look(Random chance, RunId run, CancellationToken cancellation)
    {
        while (await See(Any(chance), run, cancellation) is not { } view || !view.Status.IsTerminal())
            await Task.Delay(LookEvery, cancellation);
    }

    private async Task<RunView?> See(IEtl client, RunId run, CancellationToken cancellation)
    {
        var view = await Call("view", () => client.View(run, cancellation));
        if (view is not null) _lastSeen = Words(view);
        if (view is not null) witness.Sees(run, view.Status, view.Version, view.Fault?.Code);
        return view;
    }

    private static string Words(RunView view) => $"{view.Id} {view.Status.Word()} "
        + string.Join("; ", view.Steps.Select(s => $"{s.Id} {s.Status.Word()} {s.Attempts} {s.Fault} {s.Waiting}"));

    /// <summary>A watch that breaks off proves nothing: the looks that follow decide.</summary>
    private async Task Watch(Random chance, RunId run, CancellationToken cancellation)
    {
        try
        {
            await foreach (var view in Any(chance).Watch(run, cancellation)) witness.Sees(run, view.Status, view.Version, view.Fault?.Code);
        }
        catch (FaultException e) when (e.Fault.IsTransient)
        {
            say($"a watch of {run} broke off: {e.Fault}");
        }
    }

    /// <summary>Null when the cluster could not answer within the client's own patience.</summary>
    private async Task<T?> Call<T>(string verb, Func<Task<T>> call) where T : class?
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            return await call();
        }
        catch (FaultException e) when (e.Fault.IsTransient)
        {
            say($"{verb} was not answered: {e.Fault}");
            return null;
        }
        finally
        {
            witness.Waited(new Call(verb, Stopwatch.GetElapsedTime(begun), bound));
        }
    }
}
