using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans;

/// <summary>Sees every request that arrives.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Calls on with <c>context.Invoke()</c>, or answers itself.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}

/// <summary>Sees every request that leaves.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Calls on with <c>context.Invoke()</c>, or answers itself.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}

/// <summary>An incoming filter as a delegate.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

/// <summary>An outgoing filter as a delegate.</summary>
public delegate Task OutgoingGrainCallFilterDelegate(IOutgoingGrainCallContext context);

/// <summary>One call on its way through filters.</summary>
public interface IGrainCallContext
{
    /// <summary>The call.</summary>
    IInvokable Request { get; }

    /// <summary>The grain instance (incoming) or reference (outgoing).</summary>
    object Grain { get; }

    /// <summary>The calling grain.</summary>
    GrainId? SourceId { get; }

    /// <summary>The called grain.</summary>
    GrainId TargetId { get; }

    /// <summary>The interface.</summary>
    GrainInterfaceType InterfaceType { get; }

    /// <summary>The name of the interface.</summary>
    string InterfaceName { get; }

    /// <summary>The name of the method.</summary>
    string MethodName { get; }

    /// <summary>The method of the interface.</summary>
    MethodInfo InterfaceMethod { get; }

    /// <summary>The result; may be replaced.</summary>
    object? Result { get; set; }

    /// <summary>How the call ended; may be replaced.</summary>
    Response? Response { get; set; }

    /// <summary>Calls on.</summary>
    Task Invoke();
}

/// <summary>A call that arrives.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The called activation.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The method of the grain class.</summary>
    MethodInfo ImplementationMethod { get; }
}

/// <summary>A call that leaves.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The calling activation.</summary>
    IGrainContext? SourceContext { get; }
}

internal sealed class IncomingFilterOf(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => filter(context);
}

internal sealed class OutgoingFilterOf(OutgoingGrainCallFilterDelegate filter) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => filter(context);
}
