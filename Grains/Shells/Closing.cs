namespace OrleansEtl.Shells;

/// <summary>Says when this process is about to end: work stops, nothing is reported.</summary>
public sealed class Closing : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    public CancellationToken Token => _source.Token;
    public void Begin() => _source.Cancel();
    public void Dispose() => _source.Dispose();
}
