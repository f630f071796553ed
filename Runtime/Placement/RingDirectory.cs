using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Placement;

/// <summary>
/// The directory of grains, spread over the silos by a consistent hash: the owner of a grain's point holds its entry.
/// What it promises: of several activations of a grain the first that the owner hears of stays and the others go; an
/// entry of a dead silo is nowhere; when owners change, every silo tells the new owners what lives on it, again and
/// again until they agree. So after a change of the view a grain may have two activations for a moment, never for long.
/// </summary>
internal sealed class RingDirectory : IGrainDirectory
{
    // What other silos hold is remembered here only to save questions; when it gets too much it is forgotten.
    private const int KnownMax = 200_000;

    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PauseBeforeAskingAgain = TimeSpan.FromMilliseconds(25);

    private readonly SiloAddress _here;
    private readonly IClusterMembership _membership;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _entries = new();
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _known = new();
    private readonly ConcurrentDictionary<SiloAddress, DirectoryPost> _posts = new();
    private volatile HashRing _ring = new([]);
    private SiloNode? _node;
    private int _knownCount;

    public RingDirectory(SiloAddress here, IClusterMembership membership, TimeProvider time)
    {
        _here = here;
        _membership = membership;
        _time = time;
        membership.Changed += OnChanged;
    }

    /// <summary>The ring has changed.</summary>
    public event Action? Moved;

    /// <summary>How many grains have their entry here.</summary>
    public int Count => _entries.Count;

    public void Attach(SiloNode node) => _node = node;

    // Without an active silo each is on its own: the first one before it is active, the last one when it goes.
    public SiloAddress OwnerOf(GrainId grain)
    {
        var ring = _ring;
        return ring.IsEmpty ? _here : ring.OwnerOf(grain);
    }

    /// <summary>Done when all others have said what lives with them of this silo's part, or have been waited for long enough.</summary>
    public Task Settled { get; private set; } = Task.CompletedTask;

    /// <summary>The silos among which this one knows the grains to be spread.</summary>
    public SiloAddress[] Members => _ring.Members;

    public bool IsSettled => Settled.IsCompleted;

    /// <summary>Whether the activation has an entry.</summary>
    public bool IsListed(Activation activation) =>
        activation.Workers is null && !activation.IsEnding && Covers(activation.GrainId);

    public bool Covers(GrainId grainId) => FixedAddress.Of(grainId) is null;

    /// <summary>What this silo holds as the owner.</summary>
    public SiloAddress? OwnEntry(GrainId grain) =>
        _entries.TryGetValue(grain, out var entry) && IsThere(entry.SiloAddress!) ? entry.SiloAddress : null;

    public ValueTask<GrainAddress?> Lookup(GrainId grainId)
    {
        var owner = OwnerOf(grainId);
        if (owner.Equals(_here))
        {
            return OwnEntry(grainId) is null && !IsSettled
                ? new(LookupSettled(grainId))
                : new(Living(_entries.GetValueOrDefault(grainId)));
        }

        if (Living(_known.GetValueOrDefault(grainId)) is { } known) return new(known);
        return new(LookupThere(grainId));
    }

    public ValueTask<GrainAddress> Register(GrainAddress address)
    {
        Forget(address.GrainId);
        return OwnerOf(address.GrainId).Equals(_here)
            ? new(RegisterHere(address))
            : new(RegisterThere(address));
    }

    public ValueTask Unregister(GrainAddress address)
    {
        if (!OwnerOf(address.GrainId).Equals(_here)) return new(Ask(DirectoryAsk.Of(DirectoryVerb.Unregister, address)));
        _entries.TryRemove(new(address.GrainId, address));
        return default;
    }

    /// <summary>A request for a grain has come that is not here: says so to the owner, and asks where it is.</summary>
    public async Task<GrainAddress?> Deny(GrainId grain)
    {
        Forget(grain);
        var ask = new DirectoryAsk(DirectoryVerb.Deny, grain, Guid.Empty, _here);
        while (OwnerOf(grain).Equals(_here) && !IsSettled) await Settled;
        var found = OwnerOf(grain).Equals(_here) ? Do(ask).AddressOf(grain) : await Ask(ask);
        return Remember(found);
    }

    /// <summary>That silo, or whoever it was, has sent a request for a grain to the wrong place.</summary>
    public void Mislead(GrainId grain, SiloAddress? sender)
    {
        var ask = new DirectoryAsk(DirectoryVerb.Mislead, grain, Guid.Empty, _here);
        foreach (var silo in sender is null ? _membership.Peers.Select(peer => peer.Address) : [sender])
            if (!silo.Equals(_here)) PostTo(silo).Add(new(ask, 0));
    }

    /// <summary>Answers another silo. Who asks the wrong one may know more: then the view is read first.</summary>
    public async Task<DirectoryReply[]> Answer(DirectoryAsk[] asks)
    {
        if (asks.Any(ask => ask.Verb != DirectoryVerb.Mislead
            && (!OwnerOf(ask.Grain).Equals(_here) || !IsThere(ask.Silo)))) await _membership.Refresh();
        while (!IsSettled && asks.Any(ask => ask.Verb is DirectoryVerb.Lookup or DirectoryVerb.Deny && OwnEntry(ask.Grain) is null)) await Settled;
        return Array.ConvertAll(asks, ask =>
        {
            if (ask.Verb == DirectoryVerb.Mislead)
            {
                Forget(ask.Grain);
                return DirectoryReply.Nowhere;
            }

            return OwnerOf(ask.Grain).Equals(_here) ? Do(ask) : DirectoryReply.NotOwner;
        });
    }

    /// <summary>A question came to the wrong silo, or to one that is not there: to the owner of now, a little later.</summary>
    public void AskAgain(DirectoryQuestion question, Exception? error)
    {
        var mayHelp = error is null or OrleansMessageRejectionException or TimeoutException;
        if (!mayHelp || _node is not { IsDead: false } || _time.GetTimestamp() > question.GivesUpAt)
        {
            question.Fail(error ?? new SiloUnavailableException(
                $"No silo feels responsible for the place of {question.Ask.Grain}; their views do not agree."));
            return;
        }

        _ = Later();

        async Task Later()
        {
            if (error is null) await _membership.Refresh();
            await Task.Delay(PauseBeforeAskingAgain, _time);
            Send(question);
        }
    }

    /// <summary>Whether the silo is in the view.</summary>
    public bool IsThere(SiloAddress silo)
    {
        foreach (var peer in _membership.Peers)
            if (peer.Address.Equals(silo)) return true;
        return false;
    }

    private async Task<GrainAddress?> LookupSettled(GrainId grain)
    {
        await Settled.ConfigureAwait(false);
        return await Lookup(grain).ConfigureAwait(false);
    }

    private async Task<GrainAddress?> LookupThere(GrainId grain) =>
        Remember(await Ask(new(DirectoryVerb.Lookup, grain, Guid.Empty, _here)));

    private async Task<GrainAddress> RegisterThere(GrainAddress address)
    {
        var winner = await Ask(DirectoryAsk.Of(DirectoryVerb.Register, address))
            ?? throw new SiloUnavailableException($"{address.SiloAddress} is no longer part of the cluster.");
        return winner.Equals(address) ? winner : Remember(winner)!;
    }

    // A silo has one activation of a grain at a time, so a later one of the same silo means that the earlier is gone.
    private GrainAddress RegisterHere(GrainAddress address) => _entries.AddOrUpdate(
        address.GrainId, static (_, mine) => mine,
        (_, first, mine) => mine.SiloAddress!.Equals(first.SiloAddress) || !IsThere(first.SiloAddress!) ? mine : first,
        address);

    private DirectoryReply Do(DirectoryAsk ask)
    {
        switch (ask.Verb)
        {
            case DirectoryVerb.Register:
                return IsThere(ask.Silo) ? DirectoryReply.At(RegisterHere(ask.Address)) : DirectoryReply.Nowhere;
            case DirectoryVerb.Unregister:
                _entries.TryRemove(new(ask.Grain, ask.Address));
                return DirectoryReply.Nowhere;
            case DirectoryVerb.Deny:
                if (_entries.TryGetValue(ask.Grain, out var entry) && ask.Silo.Equals(entry.SiloAddress))
                    _entries.TryRemove(new(ask.Grain, entry));
                break;
        }

        return Living(_entries.GetValueOrDefault(ask.Grain)) is { } found
            ? DirectoryReply.At(found)
            : DirectoryReply.Nowhere;
    }

    private Task<GrainAddress?> Ask(DirectoryAsk ask)
    {
        var patience = _node?.ResponseTimeout ?? TimeSpan.FromSeconds(30);
        var question = new DirectoryQuestion(
            ask, _time.GetTimestamp() + (long)(patience.TotalSeconds * _time.TimestampFrequency));
        Send(question);
        return question.Answer;
    }

    private void Send(DirectoryQuestion question)
    {
        var owner = OwnerOf(question.Ask.Grain);
        if (owner.Equals(_here)) question.Done(Do(question.Ask));
        else PostTo(owner).Add(question);
    }

    private DirectoryPost PostTo(SiloAddress silo) => _posts.GetOrAdd(silo, to => new(to, this, PartOf));

    private IDirectoryPart PartOf(SiloAddress silo) =>
        (_node ?? throw new SiloUnavailableException($"{_here} is not connected."))
        .Services.GetRequiredService<IGrainFactory>().GetGrain<IDirectoryPart>(SystemGrains.DirectoryOf(silo));

    private GrainAddress? Living(GrainAddress? address) =>
        address is not null && IsThere(address.SiloAddress!) ? address : null;

    private GrainAddress? Remember(GrainAddress? address)
    {
        if (address is null || OwnerOf(address.GrainId).Equals(_here)) return address;
        if (Interlocked.Increment(ref _knownCount) > KnownMax)
        {
            _known.Clear();
            _knownCount = 0;
        }

        _known[address.GrainId] = address;
        return address;
    }

    /// <summary>Where it was said to be, it is not.</summary>
    public void Forget(GrainId grain)
    {
        if (_known.TryRemove(grain, out _)) Interlocked.Decrement(ref _knownCount);
    }

    private void OnChanged(SiloAddress silo, SiloStatus status)
    {
        HashRing ring = new(_membership.ActiveSilos());
        if (status == SiloStatus.Dead)
        {
            _posts.TryRemove(silo, out _);
            Remove(_entries, entry => silo.Equals(entry.SiloAddress));
            Remove(_known, entry => silo.Equals(entry.SiloAddress));
        }

        if (ring.Members.SequenceEqual(_ring.Members)) return;
        EnterOwn(ring);
        _ring = ring;
        Remove(_entries, entry => !OwnerOf(entry.GrainId).Equals(_here));
        var settling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Settled = settling.Task;
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => Settle(ring, settling));
        Moved?.Invoke();
    }

    // Who has a new part asks all others what lives with them of it. Until they have answered, what it does not know it does not deny:
    // it would be started a second time.
    private async Task Settle(HashRing ring, TaskCompletionSource settling)
    {
        try
        {
            var others = _membership.Peers
                .Where(peer => peer.Status >= SiloStatus.Active && !peer.Address.Equals(_here)).Select(peer => peer.Address);
            await Task.WhenAll(others.Select(silo => Hear(silo, ring))).ConfigureAwait(false);
        }
        finally
        {
            settling.SetResult();
        }
    }

    private async Task Hear(SiloAddress silo, HashRing ring)
    {
        var givesUpAt = _time.GetTimestamp() + (long)(SettlePatience.TotalSeconds * _time.TimestampFrequency);
        while (_ring == ring && IsThere(silo) && _time.GetTimestamp() < givesUpAt && _node is { IsDead: false })
        {
            try
            {
                var living = await PartOf(silo).LivingOf(_here, ring.Number).WaitAsync(SettlePatience, _time).ConfigureAwait(false);
                foreach (var ask in living)
                    if (_ring == ring && ring.OwnerOf(ask.Grain).Equals(_here)) _entries.TryAdd(ask.Grain, ask.Address);
                return;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                await Task.Delay(PauseBeforeAskingAgain, _time).ConfigureAwait(false);
            }
        }
    }

    /// <summary>For another silo, which has become the owner of a part.</summary>
    public async Task<DirectoryAsk[]> LivingOf(SiloAddress owner, uint ring)
    {
        if (_ring.Number != ring) await _membership.Refresh();
        var known = _ring;
        return
        [
            .. from activation in _node?.Catalog.All ?? []
               where IsListed(activation) && !known.IsEmpty && known.OwnerOf(activation.GrainId).Equals(owner)
               select DirectoryAsk.Of(DirectoryVerb.Register, activation.Address),
        ];
    }

    // What lives here is known here from the moment on that this silo is asked for it: nobody may start it elsewhere meanwhile.
    private void EnterOwn(HashRing ring)
    {
        foreach (var activation in _node?.Catalog.All ?? [])
        {
            if (IsListed(activation) && !ring.IsEmpty && ring.OwnerOf(activation.GrainId).Equals(_here))
                _entries.TryAdd(activation.GrainId, activation.Address);
        }
    }

    private static void Remove(ConcurrentDictionary<GrainId, GrainAddress> from, Func<GrainAddress, bool> which)
    {
        foreach (var entry in from)
            if (which(entry.Value)) from.TryRemove(entry);
    }
}
