using Orleans.Runtime;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Carries letters between machines: late, out of order, or not at all, never twice.</summary>
internal sealed class Network(World world)
{
    private readonly HashSet<(Machine, Machine)> _cut = [];

    public void Send(Machine from, SimSilo to, Letter letter)
    {
        world.Trace.Note("sends", from.Name, letter.Shape.Name, letter.Id);
        if (from == to)
        {
            to.After(world.Chance.Moment(), () => to.Route(letter));
            return;
        }
        if (IsLost(from, to)) return;
        world.Agenda.After(Delay(), () =>
        {
            if (!to.IsDead) to.After(TimeSpan.Zero, () => Arrive(to, letter));
            else if (to.RefusesCalls) Refuse(to, letter);
        });
    }

    public void Answer(SimSilo from, Letter letter, byte[]? result, Exception? error)
    {
        var to = letter.From;
        var failure = error is null ? null : CallShape.WriteError(error);
        if (from != to && IsLost(from, to)) return;
        var delay = from == to ? world.Chance.Moment() : Delay();
        world.Agenda.After(delay, () => to.After(TimeSpan.Zero, () => to.Settle(
            letter.Id,
            failure is null ? letter.Shape.ReadResult(result!) : null,
            failure is null ? null : CallShape.ReadError(failure))));
    }

    /// <summary>Nothing passes between the two until then.</summary>
    public void Cut(Machine one, Machine other, TimeSpan duration)
    {
        _cut.Add((one, other));
        _cut.Add((other, one));
        world.Agenda.After(duration, () =>
        {
            _cut.Remove((one, other));
            _cut.Remove((other, one));
        });
    }

    private void Arrive(SimSilo to, Letter letter)
    {
        world.Trace.Note("arrives", to.Name, letter.Shape.Name, letter.Id);
        to.Route(letter);
    }

    /// <summary>The port is closed: the caller knows at once.</summary>
    private void Refuse(SimSilo to, Letter letter) => letter.From.After(world.Chance.Moment(), () =>
        letter.From.Settle(letter.Id, null, new SiloUnavailableException($"{to.Name} is not there.")));

    private bool IsLost(Machine from, Machine to)
    {
        if (_cut.Contains((from, to))) return true;
        return world.IsRough && world.Chance.OneIn(world.Weather.OneLetterLostIn) && world.Count(FaultKinds.Letter);
    }

    private TimeSpan Delay() =>
        TimeSpan.FromMicroseconds(200) + world.Chance.Moment() + (world.IsRough ? world.Chance.Long(World.LatestSeconds) : TimeSpan.Zero);
}
