using Orleans;

namespace OrleansEtl.Shells.Statistics;

/// <summary>Writes every call that arrives into the <see cref="CallBook"/>, when it is open.</summary>
public sealed class CallCounting(CallBook book) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => book.IsOpen ? Counted(context) : context.Invoke();

    private async Task Counted(IIncomingGrainCallContext context)
    {
        var begun = book.Now;
        var failed = true;
        try
        {
            await context.Invoke();
            failed = false;
        }
        finally
        {
            book.Count(context.TargetId.Type.ToString(), context.MethodName, begun, failed);
        }
    }
}
