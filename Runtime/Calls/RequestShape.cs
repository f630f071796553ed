using System.Reflection;

namespace Orleans.Runtime;

/// <summary>What the attributes of an interface method say about calls of it.</summary>
[Flags]
public enum RequestTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nobody waits.</summary>
    OneWay = 1,

    /// <summary>Starts whatever is running.</summary>
    AlwaysInterleave = 2,

    /// <summary>Interleaves with its like.</summary>
    ReadOnly = 4,

    /// <summary>The result need not be copied.</summary>
    ImmutableResult = 8,
}

/// <summary>What all calls of one interface method share.</summary>
public sealed class RequestShape(
    Type interfaceType, string interfaceName, string methodName, Type[] parameterTypes, int typeParameters,
    RequestTraits traits, string? responseTimeout)
{
    private MethodInfo? _method;

    /// <summary>The interface that declares the method.</summary>
    public Type InterfaceType { get; } = interfaceType;

    /// <summary>The wire name of the interface.</summary>
    public string InterfaceName { get; } = interfaceName;

    /// <summary>The name of the method.</summary>
    public string MethodName { get; } = methodName;

    /// <summary>What the attributes say.</summary>
    public RequestTraits Traits { get; } = traits;

    /// <summary>How long callers wait, if the method says so.</summary>
    public TimeSpan? ResponseTimeout { get; } = responseTimeout is null
        ? null
        : TimeSpan.Parse(responseTimeout, System.Globalization.CultureInfo.InvariantCulture);

    internal bool IsExtension { get; } = typeof(IGrainExtension).IsAssignableFrom(interfaceType);

    internal MethodInfo Method => _method ??= Find();

    private MethodInfo Find() =>
        InterfaceType.GetMethods().FirstOrDefault(m =>
            m.Name == MethodName
            && m.GetGenericArguments().Length == typeParameters
            && (typeParameters > 0
                ? m.GetParameters().Length == parameterTypes.Length
                : m.GetParameters().Select(p => p.ParameterType).SequenceEqual(parameterTypes)))
        ?? throw new MissingMethodException(InterfaceType.FullName, MethodName);
}
