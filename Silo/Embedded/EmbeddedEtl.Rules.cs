using OrleansEtl.Client;
using OrleansEtl.Shells;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Starts that mind other runs of the home, whichever process drives those.</summary>
public sealed partial class EmbeddedEtl
{
    private async Task<Begun> Start(RunId run, StartRequest request, CancellationToken cancellation)
    {
        var starter = new RunStarter(
            _store.Catalog, Desk(), (id, command) => Begin(id, command, request.IsDetached, cancellation), other => End(other, cancellation));
        switch (await starter.Start(run, request.Command(request.Folder), request.Rules, cancellation))
        {
            case StartAnswer.Refused refused: return new Begun.Refused(refused.Faults);
            case StartAnswer.Run { IsExisting: true, Id: var other }:
                // If nobody drives it, this process does: else whoever waits for it would wait for ever.
                if (!request.IsDetached && await Past(other, cancellation) is { } past) await TakeUp(past, unpauses: false, cancellation);
                return new Begun.Run(other, IsExisting: true);
            default: return new Begun.Run(run);
        }
    }

    private async Task<bool> End(RunId other, CancellationToken cancellation)
    {
        var until = _clock.GetUtcNow() + _options.LetterPatience;
        await Cancel(other, "another run takes its place", null, cancellation);
        while (await Past(other, cancellation) is { } past && !past.Status.IsTerminal())
        {
            if (_clock.GetUtcNow() >= until) return false;
            await Task.Delay(_options.LookEvery, _clock, cancellation);
        }
        return true;
    }
}
