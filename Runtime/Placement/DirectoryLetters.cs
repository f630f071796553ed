using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Placement;

/// <summary>What one silo asks of the part of the directory that another holds.</summary>
internal enum DirectoryVerb : byte
{
    /// <summary>Where is it?</summary>
    Lookup,

    /// <summary>This activation is there; if another was first, say which.</summary>
    Register,

    /// <summary>This activation is gone.</summary>
    Unregister,

    /// <summary>Whatever you know, this silo does not have it; where else is it?</summary>
    Deny,

    /// <summary>Where you have sent a request for it, it is not. Any silo is told so, not only the owner.</summary>
    Mislead,
}

[GenerateSerializer, Immutable]
internal sealed record DirectoryAsk(DirectoryVerb Verb, GrainId Grain, Guid Activation, SiloAddress Silo)
{
    public static DirectoryAsk Of(DirectoryVerb verb, GrainAddress address) =>
        new(verb, address.GrainId, address.ActivationId.Value, address.SiloAddress!);

    public GrainAddress Address =>
        new() { GrainId = Grain, ActivationId = new(Activation), SiloAddress = Silo };
}

/// <summary>An answer: the asked silo does not hold that part, or it says where the grain is, which may be nowhere.</summary>
[GenerateSerializer, Immutable]
internal sealed record DirectoryReply(bool IsOwner, Guid Activation, SiloAddress? Silo)
{
    public static DirectoryReply NotOwner { get; } = new(false, Guid.Empty, null);

    public static DirectoryReply Nowhere { get; } = new(true, Guid.Empty, null);

    public static DirectoryReply At(GrainAddress address) => new(true, address.ActivationId.Value, address.SiloAddress);

    public GrainAddress? AddressOf(GrainId grain) => Silo is null
        ? null
        : new() { GrainId = grain, ActivationId = new(Activation), SiloAddress = Silo };
}

/// <summary>The part of the directory that one silo holds.</summary>
internal interface IDirectoryPart : IGrainWithStringKey
{
    Task<DirectoryReply[]> Ask(DirectoryAsk[] asks);

    /// <summary>What lives on this silo and has its entry at that owner, by the ring of that number.</summary>
    Task<DirectoryAsk[]> LivingOf(SiloAddress owner, uint ring);
}

[GrainType(SystemGrains.DirectoryType), KeepAlive, Concurrency.Reentrant]
internal sealed class DirectoryPartGrain(SiloNode node) : Grain, IDirectoryPart
{
    public Task<DirectoryReply[]> Ask(DirectoryAsk[] asks) => ((RingDirectory)node.Directory).Answer(asks);

    public Task<DirectoryAsk[]> LivingOf(SiloAddress owner, uint ring) => ((RingDirectory)node.Directory).LivingOf(owner, ring);
}

/// <summary>A question on its way, until somebody who must know has answered.</summary>
internal sealed class DirectoryQuestion(DirectoryAsk ask, long givesUpAt)
{
    private readonly TaskCompletionSource<GrainAddress?> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DirectoryAsk Ask => ask;

    public long GivesUpAt => givesUpAt;

    public Task<GrainAddress?> Answer => _answer.Task;

    public void Done(DirectoryReply reply) => _answer.TrySetResult(reply.AddressOf(ask.Grain));

    public void Fail(Exception error) => _answer.TrySetException(error);
}

/// <summary>
/// The questions to one silo: one call at a time, with all that have come meanwhile. They arrive in the order in which
/// they were asked, so that an activation that goes is never heard of before it came.
/// </summary>
internal sealed class DirectoryPost(SiloAddress to, RingDirectory directory, Func<SiloAddress, IDirectoryPart> partOf)
{
    private const int AsksMax = 1024;

    private readonly Queue<DirectoryQuestion> _waiting = new();
    private bool _sending;

    public void Add(DirectoryQuestion question)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(question);
            if (_sending) return;
            _sending = true;
        }

        // Neither in the asker's turn nor with its request context.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(Send);
    }

    private async Task Send()
    {
        while (TakeBatch() is { Length: > 0 } batch)
        {
            try
            {
                var replies = await partOf(to).Ask([.. batch.Select(question => question.Ask)]);
                for (var i = 0; i < batch.Length; i++)
                {
                    if (replies[i].IsOwner) batch[i].Done(replies[i]);
                    else directory.AskAgain(batch[i], null);
                }
            }
            catch (Exception error)
            {
                foreach (var question in batch) directory.AskAgain(question, error);
            }
        }
    }

    private DirectoryQuestion[] TakeBatch()
    {
        lock (_waiting)
        {
            var batch = new DirectoryQuestion[Math.Min(_waiting.Count, AsksMax)];
            for (var i = 0; i < batch.Length; i++) batch[i] = _waiting.Dequeue();
            _sending = batch.Length > 0;
            return batch;
        }
    }
}
