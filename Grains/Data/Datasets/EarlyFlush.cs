namespace OrleansEtl.Data.Datasets;

/// <summary>Flushes a file while it is still being written, so that sealing it has little left to wait for. It promises nothing: only the
/// flush of the seal does.</summary>
internal sealed class EarlyFlush : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private readonly string _file;
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _thread;

    public EarlyFlush(string file)
    {
        _file = file;
        _thread = new Thread(Flush) { IsBackground = true, Name = "early flush" };
        _thread.Start();
    }

    private void Flush()
    {
        var flushed = 0L;
        while (!_over.Wait(Every))
        {
            try
            {
                var file = new FileInfo(_file);
                if (!file.Exists || file.Length == flushed) continue;
                flushed = file.Length;
                Durable.Flush(_file);
            }
            catch (IOException)
            {
                return; // The seal will meet it again, and tell.
            }
        }
    }

    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
    }
}
