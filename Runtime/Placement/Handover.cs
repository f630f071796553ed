using Microsoft.Extensions.Logging;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Placement;

/// <summary>
/// Brings what lives on this silo in line with the ring: tells the owners of the entries, when they change and now and
/// then again, ends activations that another was faster than, and lets those go that by default belong to another
/// silo. Those go only while nothing runs in them, so no call ever waits for a move; until then the new owner knows
/// where they are and sends their calls here.
/// </summary>
internal sealed class Handover : IDisposable
{
    // A lost answer or a wrong entry does not last longer than some of these.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private const int PeriodsBetweenTellings = 6;

    // Bounds what the new owners have to start at one moment.
    private const int MovesAtOnce = 64;
    private static readonly TimeSpan MovePatience = TimeSpan.FromSeconds(1);

    private readonly SiloNode _node;
    private readonly RingDirectory _directory;
    private readonly IClusterMembership _membership;
    private readonly CancellationTokenSource _ended = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Handover(SiloNode node, RingDirectory directory, IClusterMembership membership)
    {
        _node = node;
        _directory = directory;
        _membership = membership;
        directory.Moved += OnMoved;
        _ = Run();
    }

    public void Dispose()
    {
        _directory.Moved -= OnMoved;
        _ended.Cancel();
    }

    private void OnMoved() => Volatile.Read(ref _moved).TrySetResult();

    private async Task Run()
    {
        for (var quiet = 0; !_ended.IsCancellationRequested;)
        {
            try
            {
                await _moved.Task.WaitAsync(Period, _node.Time, _ended.Token);
            }
            catch (TimeoutException)
            {
                // It is time.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var moved = Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
            quiet = moved.Task.IsCompleted ? 0 : quiet + 1;
            try
            {
                if (quiet % PeriodsBetweenTellings == 0) await Task.WhenAll(Untold().Select(Tell));
                await LetGo();
            }
            catch (Exception error)
            {
                _node.Log.LogWarning(error, "{Silo} could not hand over all its grains; it goes on soon.", _node.Address);
            }
        }
    }

    private IEnumerable<Activation> Listed() => _node.Catalog.All.Where(_directory.IsListed);

    private IEnumerable<Activation> Misplaced() =>
        Listed().Where(activation => !_directory.OwnerOf(activation.GrainId).Equals(_node.Address));

    // Whoever is misplaced may be told of twice; the owner alone knows whether it was.
    private IEnumerable<Activation> Untold() =>
        Listed().Where(activation => !_node.Address.Equals(_directory.OwnEntry(activation.GrainId)));

    private async Task Tell(Activation activation)
    {
        var winner = await _directory.Register(activation.Address);
        if (winner.Equals(activation.Address))
        {
            // It went while it was told of: its own farewell may have been earlier.
            if (activation.IsEnding) await _directory.Unregister(activation.Address);
            return;
        }

        activation.Deactivate(new(DeactivationReasonCode.DuplicateActivation,
            $"{activation.GrainId} lives at {winner.SiloAddress}."));
    }

    private async Task LetGo()
    {
        var reason = new DeactivationReason(DeactivationReasonCode.Migrating, "The grain belongs to another silo now.");
        foreach (var some in Misplaced().Where(_node.Placement.IsByRing).ToArray().Chunk(MovesAtOnce))
        {
            // A silo that shuts down lets all go at once.
            if (_membership.Peers.FirstOrDefault(peer => peer.Address.Equals(_node.Address))?.Status
                != SiloStatus.Active) return;
            var going = some.Where(static activation => activation.IsIdleFor(TimeSpan.Zero)).ToArray();
            foreach (var activation in going) activation.Deactivate(reason);
            var gone = Task.WhenAll(going.Select(activation => activation.Deactivated));
            await Task.WhenAny(gone, Task.Delay(MovePatience, _node.Time, _ended.Token));
        }
    }
}
