using Orleans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Those who start runs, look at them, cancel them, run them again. They ask until they are answered.</summary>
internal sealed class People(World world)
{
    private IGrainFactory? _grains;

    /// <summary>Their own machine, outside the cluster.</summary>
    public Machine Desk { get; } = new(world, "people", TimeSpan.Zero);

    private IGrainFactory Grains => _grains ??= GrainsOf.Machine(Desk);

    public void Begin()
    {
        var runs = 1 + world.Chance.Below(4);
        for (var i = 0; i < runs; i++) _ = Desk.Pool.Run(() => Drive(Specs.Start(world.Chance, world.Undoes, world.RunsOthers), world.Chance.Between(0, world.Weather.RoughSeconds / 2)));
    }

    private async Task Drive(RunCommand.Start start, TimeSpan wait)
    {
        var run = NewRun(start);
        await Task.Delay(wait, Desk.Clock);
        if (world.Chance.OneIn(5)) _ = Cancel(run, world.Chance.Between(0, 20));
        if (!await Ask(run, start)) world.Oracle.Break($"{run} is refused a start");
        _ = LookNowAndThen(run);
        Steer(run);
        await RedriveUntilEnded(run);
        if (world.Oracle.RunOf(run).Status == RunStatus.Succeeded || !world.IsRough || !world.Chance.OneIn(2)) return;
        await Drive(RerunPlan.Of(world.Oracle.RunOf(run), null, []).Command!, world.Chance.Between(0, 2));
    }

    /// <summary>Of a run that a step starts.</summary>
    public void LookAfter(RunId run) => _ = Desk.Pool.Run(() => RedriveUntilEnded(run));

    private async Task RedriveUntilEnded(RunId run)
    {
        do
        {
            await Task.Delay(world.Chance.Between(0.5, 3), Desk.Clock);
            if (world.Oracle.RunOf(run).Status == RunStatus.Quarantined) await Ask(run, new RunCommand.Redrive("ann"));
        }
        while (world.Oracle.RunOf(run) is { Exists: false } or { Status: not (RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled) });
    }

    /// <summary>A few times only, and never once the world is calm: who looks at a run wakes it, and nobody is to help.</summary>
    private async Task LookNowAndThen(RunId run)
    {
        for (var looks = world.Chance.Below(4); looks > 0; looks--)
        {
            await Task.Delay(world.Chance.Between(0.2, 6), Desk.Clock);
            if (!world.IsRough) return;
            await Look(run);
        }
    }

    private RunId NewRun(RunCommand.Start start)
    {
        Span<byte> entropy = stackalloc byte[10];
        world.Chance.Fill(entropy);
        var run = RunId.New(World.Start, entropy);
        world.Scripts.Add(run, new Script(start.Spec, world.Chance, start));
        return run;
    }

    private void Steer(RunId run)
    {
        var signals = world.Scripts[run].Plan.Steps.Count(step => step.Awaits == AwaitKind.Signal);
        for (var i = 0; i < signals; i++)
        {
            var signal = new RunCommand.Signal("go", [new Field("n", new SpecValue.Integer(i))], $"k{i}");
            for (var times = 1 + world.Chance.Below(2); times > 0; times--) _ = Soon(10, () => Ask(run, signal));
        }
        foreach (var step in world.Scripts[run].Plan.Steps.Where(step => step.Awaits == AwaitKind.Approval))
            _ = Soon(10, () => Ask(run, new RunCommand.Review(step.Spec.Id, true, "ann")));
        if (world.Chance.OneIn(4)) _ = Pause(run);
        if (world.Chance.OneIn(4)) _ = Soon(8, () => Skip(run));
    }

    private async Task Soon(double withinSeconds, Func<Task> happens)
    {
        await Task.Delay(world.Chance.Between(0, withinSeconds), Desk.Clock);
        await happens();
    }

    /// <summary>A pause that was under way for long may be heard after it was resumed: whoever sees that resumes again.</summary>
    private async Task Pause(RunId run)
    {
        await Soon(8, () => Ask(run, new RunCommand.Pause("lunch", "ann")));
        do
        {
            await Soon(8, () => Ask(run, new RunCommand.Resume("ann")));
            while (!world.Oracle.RunOf(run).Status.IsTerminal() && world.Oracle.RunOf(run).Status != RunStatus.Paused)
                await Task.Delay(TimeSpan.FromSeconds(5), Desk.Clock);
        }
        while (world.Oracle.RunOf(run).Status == RunStatus.Paused);
    }

    /// <summary>A step whose turn has come.</summary>
    private async Task Skip(RunId run)
    {
        var truth = world.Oracle.RunOf(run);
        if (!truth.Exists) return;
        var begun = truth.Plan!.Stages.Where(stage => truth.Stages[stage.Index].Status is StepStatus.Running or StepStatus.Retrying).ToArray();
        if (begun.Length > 0) await Ask(run, new RunCommand.Skip(truth.Plan.Steps[world.Chance.Of(begun).Steps[0]].Spec.Id, "not today", "ann"));
    }

    private async Task Cancel(RunId run, TimeSpan wait)
    {
        await Task.Delay(wait, Desk.Clock);
        world.Scripts[run].IsCancelled = true;
        await Ask(run, new RunCommand.Cancel("enough"));
    }

    /// <summary>Whether it was done; false: refused.</summary>
    private async Task<bool> Ask(RunId run, RunCommand command)
    {
        while (true)
        {
            try
            {
                return await Grains.GetGrain<IPipelineGrain>(run.Value).Tell(command) is Answer.Done;
            }
            catch (Exception away)
            {
                world.Trace.Say("people", $"could not ask: {away.Message}");
            }
            await Task.Delay(world.Chance.Between(0.1, 2), Desk.Clock);
        }
    }

    private async Task Look(RunId run)
    {
        try
        {
            await Grains.GetGrain<IPipelineGrain>(run.Value).View();
        }
        catch (Exception away)
        {
            world.Trace.Say("people", $"could not look: {away.Message}");
        }
    }
}
