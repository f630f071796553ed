namespace Orleans.Runtime.Messaging;

/// <summary>Links to silos of other processes.</summary>
internal interface ISiloTransport : ISiloLink, IAsyncDisposable
{
    /// <summary>Listens for silos and, when the silo has a gateway port, for clients; letters go to the node.</summary>
    Task Listen(Node node, CancellationToken cancellation);

    /// <summary>A connection to that silo broke, or was refused. Not a verdict: the membership decides.</summary>
    event Action<SiloAddress>? Lost;

    /// <summary>Whether that very generation answers a ping within the time. Refused connections answer false at once.</summary>
    Task<bool> Probe(SiloAddress silo, TimeSpan patience);

    /// <summary>The silo is dead: its connections are closed, letters to it refused from now on.</summary>
    void Forget(SiloAddress silo);
}
