using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Shells;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>One life of one silo: hosts the real grains whose place it is in its own view of the cluster, which may differ from the
/// views of others, so that one grain may live twice.</summary>
internal sealed class SimSilo : Machine
{
    private const int HopsMax = 2;

    private readonly Dictionary<GrainId, SimActivation> _activations = [];
    private readonly SimLifecycle _lifecycle = new();
    private readonly SimOracle _oracle;

    public SimSilo(World world, int number, TimeSpan skew) : base(world, $"silo-{number}", skew)
    {
        Number = number;
        Runtime = new SimRuntime(this);
        var journal = new SimJournal(world, this);
        _oracle = new SimOracle(this);
        Services = new ServiceCollection()
            .AddRuns(world.Options, new RescueDuty(Door<IRunCatalog>.Of(world, this, world.Store.Catalog)))
            .AddSingleton(typeof(ILogger<>), typeof(TraceLog<>)).AddSingleton(world.Trace)
            .AddSingleton<IStageRunner>(new ScriptedRunner(this))
            .AddSingleton(Door<IStepResults>.Of(world, this, world.Store.Results))
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton(Runtime.GrainFactory)
            .AddSingleton<ISiloStatusOracle>(_oracle)
            .AddSingleton(new RunDesk(
                journal, spec => PlanCheck.Check(spec, Specs.Kinds), Clock, Runtime.SiloAddress.ToParsableString(), world.NextId,
                world.Options) {
                    AtOnce = Script.AtOnce,
                    Children = ChildRuns.OnCluster((_, _, _) => Door.Ask(world, this, () => Task.FromResult(Specs.Other)), Runtime.GrainFactory) with
                    {
                        Ended = Look,
                    },
                })
            .BuildServiceProvider();
    }

    /// <summary>Begins to live, with its pulse and its rescuer.</summary>
    public void Begin()
    {
        foreach (var participant in Services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
            if (participant is not Rescuer || World.Sabotage != Sabotage.NobodyRescues) participant.Participate(_lifecycle);
        _ = Pool.Run(_lifecycle.Start);
    }

    public int Number { get; }
    public SimRuntime Runtime { get; }
    public ServiceProvider Services { get; }
    /// <summary>On its way out: starts no grains any more.</summary>
    public bool IsLeaving { get; private set; }
    public IReadOnlyCollection<SimActivation> Activations => _activations.Values;

    /// <summary>How a run is that another one waits for, after a while: a wait for its end would go by way of the thread pool.</summary>
    private async Task<RunView?> Look(RunId run, TimeSpan patience)
    {
        await Task.Delay(World.Chance.Between(0, patience.TotalSeconds), Clock);
        return await Runtime.GrainFactory.GetGrain<IPipelineGrain>(run.Value).View();
    }

    /// <summary>A call has come in, or is made here.</summary>
    public void Route(Letter letter)
    {
        if (_activations.TryGetValue(letter.Target, out var here))
        {
            here.Receive(new Call(this, letter));
            return;
        }
        var owner = Way(letter.Target);
        if (owner != this && owner is not null)
        {
            if (letter.Hops < HopsMax) World.Network.Send(this, owner, letter with { Hops = letter.Hops + 1 });
            else Refuse(letter, new OrleansMessageRejectionException($"{letter.Target} was not found."));
        }
        else if (owner is null || IsLeaving) Refuse(letter, new SiloUnavailableException($"{Name} is stopping."));
        else
        {
            _activations[letter.Target] = here = new SimActivation(this, letter.Target);
            here.Receive(new Call(this, letter));
        }
    }

    public void Remove(SimActivation activation)
    {
        if (_activations.GetValueOrDefault(activation.GrainId) == activation) _activations.Remove(activation.GrainId);
    }

    public override void See(ImmutableArray<SimSilo> view, int version)
    {
        var before = View;
        base.See(view, version);
        foreach (var gone in before.Except(View)) _oracle.Tell(gone.Runtime.SiloAddress, SiloStatus.Dead);
        foreach (var come in View.Except(before)) _oracle.Tell(come.Runtime.SiloAddress, SiloStatus.Active);
        if (!View.Contains(this) && !IsLeaving)
        {
            World.Trace.Note("stops", Name); // others took it for dead, so it is
            Die();
            return;
        }
        foreach (var activation in _activations.Values.ToArray())
            if (Way(activation.GrainId) != this)
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.Migrating, "It belongs to another silo."));
    }

    /// <summary>Lets its grains go, as on SIGTERM.</summary>
    public async Task Leave()
    {
        IsLeaving = true;
        await _lifecycle.Stop(int.MaxValue, ServiceLifecycleStage.Active);
        World.Membership.Left(this);
        var ending = _activations.Values.ToArray();
        foreach (var activation in ending)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is shutting down."));
        foreach (var activation in ending) await activation.Deactivated;
        await _lifecycle.Stop(ServiceLifecycleStage.BecomeActive, int.MinValue);
        Die();
    }

    /// <summary>The same place for a grain in every silo that has the same view.</summary>
    protected override SimSilo? Way(GrainId target)
    {
        var hash = target.GetUniformHashCode();
        SimSilo? best = null;
        var highest = 0u;
        foreach (var silo in View)
        {
            var weight = Mixed(hash ^ Mixed((uint)silo.Number));
            if (best is null || weight > highest) (best, highest) = (silo, weight);
        }
        return best;
    }

    private static uint Mixed(uint value)
    {
        value = (value ^ (value >> 16)) * 0x7feb352d;
        value = (value ^ (value >> 15)) * 0x846ca68b;
        return value ^ (value >> 16);
    }

    private void Refuse(Letter letter, Exception error) => World.Network.Answer(this, letter, null, error);

    private sealed class Call(SimSilo silo, Letter letter) : Incoming
    {
        public override bool Interleaves => letter.Shape.AlwaysInterleaves;

        public override async Task Run(object grain)
        {
            object? result;
            try
            {
                result = await letter.Shape.Run(grain, silo.World.Sabotaged(letter));
            }
            catch (Exception error)
            {
                silo.World.Network.Answer(silo, letter, null, error);
                return;
            }
            silo.World.Oracle.Answered(letter, result);
            silo.World.Network.Answer(silo, letter, letter.Shape.WriteResult(result), null);
        }

        public override void Turn(SimSilo away) => away.Route(letter);
        public override void Fail(Exception error) => silo.Refuse(letter, error);
    }
}
