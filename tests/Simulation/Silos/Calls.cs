using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace OrleansEtl.Simulation.Tests;

/// <summary>A call under way. Arguments and answers travel as the bytes that the real serializer writes.</summary>
internal sealed record Letter(CallShape Shape, GrainId Target, byte[] Body, Machine From, long Id, int Hops);

/// <summary>What all calls of one interface method share.</summary>
internal abstract class CallShape(MethodInfo method)
{
    private static readonly ConcurrentDictionary<MethodInfo, CallShape> Known = new();
    private readonly Type[] _parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
    private readonly MethodInvoker _invoker = MethodInvoker.Create(method);

    public string Name { get; } = method.Name;
    public bool AlwaysInterleaves { get; } = method.GetCustomAttribute<AlwaysInterleaveAttribute>() is not null;

    public static CallShape Of(MethodInfo method) => Known.GetOrAdd(method, static m => m.ReturnType == typeof(Task)
        ? new PlainCallShape(m)
        : (CallShape)Activator.CreateInstance(typeof(CallShape<>).MakeGenericType(m.ReturnType.GetGenericArguments()), m)!);

    public abstract Task Send(Machine from, GrainId target, object?[] arguments);
    public abstract Task<object?> Run(object grain, byte[] body);
    public abstract byte[] WriteResult(object? result);
    public abstract object? ReadResult(byte[] body);

    public byte[] Write(object?[] arguments)
    {
        using var writer = new WireWriter();
        for (var i = 0; i < _parameters.Length; i++)
            if (_parameters[i] != typeof(CancellationToken)) CodecTable.Of(_parameters[i]).WriteBoxed(writer, arguments[i]!);
        return writer.ToArray();
    }

    protected Task Invoke(object grain, byte[] body) => (Task)_invoker.Invoke(grain, Read(body).AsSpan())!;

    public object?[] Read(byte[] body)
    {
        var reader = new WireReader(body);
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < _parameters.Length; i++)
            arguments[i] = _parameters[i] == typeof(CancellationToken)
                ? CancellationToken.None
                : CodecTable.Of(_parameters[i]).ReadBoxed(ref reader);
        return arguments;
    }

    public static byte[] WriteError(Exception error)
    {
        using var writer = new WireWriter();
        CodecTable.WriteTyped(writer, error);
        return writer.ToArray();
    }

    public static Exception ReadError(byte[] body)
    {
        var reader = new WireReader(body);
        return CodecTable.Of<Exception>().Read(ref reader);
    }
}

internal sealed class PlainCallShape(MethodInfo method) : CallShape(method)
{
    public override Task Send(Machine from, GrainId target, object?[] arguments) => from.Call<object?>(this, target, arguments);

    public override async Task<object?> Run(object grain, byte[] body)
    {
        await Invoke(grain, body);
        return null;
    }

    public override byte[] WriteResult(object? result) => [];
    public override object? ReadResult(byte[] body) => null;
}

internal sealed class CallShape<T>(MethodInfo method) : CallShape(method)
{
    public override Task Send(Machine from, GrainId target, object?[] arguments) => from.Call<T>(this, target, arguments);

    public override async Task<object?> Run(object grain, byte[] body) => await (Task<T>)Invoke(grain, body);

    public override byte[] WriteResult(object? result)
    {
        using var writer = new WireWriter();
        CodecTable.Of<T>().Write(writer, (T)result!);
        return writer.ToArray();
    }

    public override object? ReadResult(byte[] body)
    {
        var reader = new WireReader(body);
        return CodecTable.Of<T>().Read(ref reader);
    }
}

/// <summary>A reference to a grain, whatever its interface.</summary>
internal class GrainProxy : DispatchProxy
{
    public Machine From { get; private set; } = null!;
    public GrainId Target { get; private set; }

    public static object Of(Machine from, Type grainInterface, GrainId target)
    {
        var made = Create(grainInterface, typeof(GrainProxy));
        ((GrainProxy)made).From = from;
        ((GrainProxy)made).Target = target;
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        CallShape.Of(targetMethod!).Send(From, Target, args!);
}

/// <summary>The factory of one machine; knows grains with text keys.</summary>
internal class GrainsOf : DispatchProxy
{
    private Machine _from = null!;

    public static IGrainFactory Machine(Machine from)
    {
        var made = Create<IGrainFactory, GrainsOf>();
        ((GrainsOf)(object)made)._from = from;
        return made;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && args is [string key, ..]
            ? GrainProxy.Of(_from, targetMethod.GetGenericArguments()[0], GrainId.Create(
                GrainKinds.TypeOf(targetMethod.GetGenericArguments()[0]), key))
            : throw new NotSupportedException($"{targetMethod} is not simulated.");
}

/// <summary>The real grain classes, by the interfaces that are called and by the names that stand in grain ids.</summary>
internal static class GrainKinds
{
    private static readonly Dictionary<string, Type> Classes = typeof(Shells.PipelineGrain).Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(Grain)))
        .Where(type => type.GetCustomAttribute<GrainTypeAttribute>() is not null)
        .ToDictionary(type => Manifest(type));

    private static readonly ConcurrentDictionary<Type, string> Types = new();

    public static Type ClassOf(GrainId grain) => Classes[grain.Type.ToString()];

    public static string TypeOf(Type grainInterface) => Types.GetOrAdd(grainInterface, static asked =>
        Classes.Single(pair => pair.Value.IsAssignableTo(asked)).Key);

    private static string Manifest(Type type) =>
        (string)type.GetCustomAttributesData().Single(data => data.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value!;
}
