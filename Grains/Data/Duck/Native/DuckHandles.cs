using System.Runtime.InteropServices;

namespace OrleansEtl.Data.Duck.Native;

/// <summary>
/// One safe handle a native object: closed exactly once, and never while a call that uses it is under way. The library
/// counts references itself, so that a result that outlives its connection is merely useless, not dangerous.
/// </summary>
internal abstract class DuckHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;
}

internal sealed class DatabaseHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.Close(ref handle);
        return true;
    }
}

internal sealed class ConnectionHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.Disconnect(ref handle);
        return true;
    }
}

internal sealed class StatementsHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyExtracted(ref handle);
        return true;
    }
}

internal sealed class PreparedHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyPrepare(ref handle);
        return true;
    }
}

internal sealed class PendingHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyPending(ref handle);
        return true;
    }
}

internal sealed class ChunkHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyChunk(ref handle);
        return true;
    }
}

internal sealed class TypeHandle : DuckHandle
{
    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyType(ref handle);
        return true;
    }
}

/// <summary>The result structure itself, in memory of ours, since the library passes it by address and by
/// value.</summary>
internal sealed unsafe class ResultHandle : DuckHandle
{
    public ResultHandle() => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(NativeResult)));

    public ChunkHandle FetchChunk()
    {
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            return DuckNative.FetchChunk(*(NativeResult*)handle);
        }
        finally
        {
            if (held) DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        DuckNative.DestroyResult(handle);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
