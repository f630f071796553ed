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
        var runs = 1 + world.Chance.Below(3);
        for (var i = 0; i < runs; i++) _ = Desk.Pool.Run(() => Drive(Specs.Start(world.Chance), world.Chance.Between(0, 8)));
    }

    private async Task Drive(RunCommand.Start start, TimeSpan wait)
    {
        var run = NewRun(start);
        await Task.Delay(wait, Desk.Clock);
        if (world.Chance.OneIn(5)) _ = Cancel(run, world.Chance.Between(0, 20));
        if (!await Ask(run, start)) world.Oracle.Break($"{run} is refused a start");
        for (var looks = 0; ; looks++)
        {
            await Task.Delay(world.Chance.Between(0.5, 6), Desk.Clock);
            if (await Look(run) is not { } view || !view.Status.IsTerminal()) continue;
            if (view.Status == RunStatus.Succeeded || world.Scripts.Count > 6 || !world.IsRough || !world.Chance.OneIn(2)) return;
            var again = RerunPlan.Of(world.Oracle.RunOf(run), null, []).Command!;
            await Drive(again, world.Chance.Between(0, 2));
            return;
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

    public async Task<RunView?> Look(RunId run)
    {
        try
        {
            return await Grains.GetGrain<IPipelineGrain>(run.Value).View();
        }
        catch (Exception away)
        {
            world.Trace.Say("people", $"could not look: {away.Message}");
            return null;
        }
    }
}
