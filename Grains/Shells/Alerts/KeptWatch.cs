using System.Collections.Immutable;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Alerts;

/// <summary>
/// The watch over a pipeline in the store, as this process last saw it. What becomes of it is written before anybody acts on it, over exactly
/// what it came of; when somebody else wrote in between it is read and heard anew. With it goes when somebody has to come back.
/// </summary>
public sealed class KeptWatch(AlertDesk desk, string pipeline)
{
    public const string GrainType = "alerts";
    public const string StateName = "alerts";

    private readonly StateKey _key = new($"{GrainType}/{pipeline}", StateName);
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isRead;
    private long _version;
    private byte[]? _bytes;
    private Watch _watch = new(pipeline);

    /// <summary>As the store has it now.</summary>
    public async Task<Watch> Read()
    {
        await _turn.WaitAsync();
        try
        {
            _isRead = false;
            return await Known();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Hears, and writes what came of it. That nothing changes is said of what the store holds now.</summary>
    public async Task<(Watch Before, Watch After)> Hear(params ImmutableArray<News> news)
    {
        await _turn.WaitAsync();
        try
        {
            return await HearAll(news);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<(Watch Before, Watch After)> HearAll(ImmutableArray<News> news)
    {
        var silences = news.All(one => one is News.Begins or News.Sends or News.Sent) ? Silences.None : await desk.Silences.Read(CancellationToken.None);
        for (var tries = 0; tries < desk.TriesMax; tries++)
        {
            var (isFresh, before, now) = (!_isRead, await Known(), desk.Clock.GetUtcNow());
            var silence = silences.Of(pipeline, now);
            var after = news.Aggregate(before, (watch, one) => watch.Hear(one, now, silence, desk.Bounds));
            var bytes = AlertCodec.Write(after);
            if (_bytes is not null && bytes.AsSpan().SequenceEqual(_bytes))
            {
                if (isFresh) return (before, after);
                _isRead = false;
                continue;
            }
            _isRead = false; // nobody may be told what is perhaps not stored
            var outcome = await desk.States.Write(new StateWrite(desk.NewId(), _key, _version, bytes, after.NextWake), CancellationToken.None);
            if (outcome is not StateOutcome.Stored stored) continue;
            (_watch, _bytes, _version, _isRead) = (after, bytes, stored.Version, true);
            return (before, after);
        }
        throw new FaultException(new Fault(FaultKind.Unavailable, AlertCodes.Contended,
            $"The alerts of {pipeline} were written by others {desk.TriesMax} times while they were being changed.", null, "Try again."));
    }

    private async Task<Watch> Known()
    {
        if (_isRead) return _watch;
        var stored = await desk.States.Read(_key, CancellationToken.None);
        (_watch, _bytes, _version) = stored?.Value is { } bytes
            ? (AlertCodec.Read(bytes), bytes, stored.Version) : (new Watch(pipeline), null, stored?.Version ?? 0);
        _isRead = true;
        return _watch;
    }
}
