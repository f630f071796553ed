using System.Linq;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Writes the proxy of one grain interface and the requests of its methods.</summary>
internal static class ProxyEmitter
{
    private const string Runtime = "global::Orleans.Runtime.";
    private const string Copy = "global::Orleans.Serialization.Codecs.CodecTable.Copy";
    private const string Of = "global::Orleans.Serialization.Codecs.CodecTable.Of";

    public static string Name(TypeShape shape) => "Proxy_" + shape.Ident;

    public static string Emit(GrainInterface type)
    {
        var w = new Writer();
        var shape = type.Shape;
        w.Open($"namespace {shape.Namespace}");
        w.Line(Writer.Marks);
        w.Open($"internal sealed class {Name(shape)}{shape.TypeParameters} : "
            + $"{Runtime}GrainReference, {shape.FullName}{shape.Constraints}");
        w.Line($"public {Name(shape)}({Runtime}ReferenceKind kind, {Runtime}IdSpan key) : base(kind, key) {{ }}");
        foreach (var method in type.All) EmitCall(w, method);
        w.Close();
        foreach (var method in type.Own) EmitRequest(w, type, method);
        w.Close();
        return w.ToString();
    }

    private static void EmitCall(Writer w, Method method)
    {
        var parameters = string.Join(", ", method.Parameters.Select((p, i) => $"{p.Type} a{i}"));
        w.Open($"{Returned(method)} {method.Interface}.@{method.Name}{method.TypeParameters}({parameters})");
        w.Line($"var request = new {method.RequestName}();");
        var copies = method.Parameters.Any(p => !p.CopiesByValue && !p.IsToken);
        if (copies && Failed(method) is not null) w.Open("try");
        var i = 0;
        foreach (var parameter in method.Parameters)
        {
            w.Line(parameter.IsToken ? $"request.CallerToken = a{i};"
                : parameter.CopiesByValue ? $"request.Arg{i} = a{i};"
                : $"request.Arg{i} = {Copy}<{parameter.Type}>(a{i});");
            i++;
        }

        if (copies && Failed(method) is { } failed)
            w.Close().Open("catch (global::System.Exception error)").Line($"return {failed};").Close();
        w.Line((method.Returns == ReturnKind.Void ? "" : "return ") + "request.Send(this);");
        w.Close();
    }

    private static string? Failed(Method method) => method.Returns switch
    {
        ReturnKind.Task => "global::System.Threading.Tasks.Task.FromException(error)",
        ReturnKind.TaskOf => $"global::System.Threading.Tasks.Task.FromException<{method.Result}>(error)",
        ReturnKind.ValueTask => "global::System.Threading.Tasks.ValueTask.FromException(error)",
        ReturnKind.ValueTaskOf => $"global::System.Threading.Tasks.ValueTask.FromException<{method.Result}>(error)",
        _ => null,
    };

    private static string Returned(Method method) => method.Returns switch
    {
        ReturnKind.Void => "void",
        ReturnKind.Task => "global::System.Threading.Tasks.Task",
        ReturnKind.TaskOf => $"global::System.Threading.Tasks.Task<{method.Result}>",
        ReturnKind.ValueTask => "global::System.Threading.Tasks.ValueTask",
        ReturnKind.ValueTaskOf => $"global::System.Threading.Tasks.ValueTask<{method.Result}>",
        _ => $"global::System.Collections.Generic.IAsyncEnumerable<{method.Result}>",
    };

    private static string RequestBase(Method method) => Runtime + method.Returns switch
    {
        ReturnKind.Void => "VoidRequest",
        ReturnKind.Task => "TaskRequest",
        ReturnKind.TaskOf => $"TaskRequest<{method.Result}>",
        ReturnKind.ValueTask => "ValueTaskRequest",
        ReturnKind.ValueTaskOf => $"ValueTaskRequest<{method.Result}>",
        _ => $"StreamRequest<{method.Result}>",
    };

    public static string LocalName(Method method)
    {
        var start = method.RequestName.LastIndexOf(".Invokable_", System.StringComparison.Ordinal);
        return method.RequestName.Substring(start + 1);
    }

    private static void EmitRequest(Writer w, GrainInterface type, Method method)
    {
        var name = LocalName(method);
        w.Line(Writer.Marks);
        var access = type.Shape.IsPublic ? "public" : "internal";
        w.Open($"{access} sealed class {name} : {RequestBase(method)}{type.Shape.Constraints}{method.Constraints}");
        var isGeneric = method.TypeParameterCount > 0;
        var types = string.Join(", ", method.Parameters.Select(p => isGeneric ? "null" : $"typeof({p.Type})"));
        w.Line($"private static readonly {Runtime}RequestShape TheShape = new {Runtime}RequestShape("
            + $"typeof({method.Interface}), {Symbols.Literal(type.WireName)}, {Symbols.Literal(method.Name)}, "
            + $"new global::System.Type[] {{ {types} }}, "
            + $"{method.TypeParameterCount}, {method.Traits}, {Symbols.Literal(method.Timeout)});");
        w.Line($"public override {Runtime}RequestShape Shape => TheShape;");
        var i = 0;
        foreach (var parameter in method.Parameters)
        {
            if (!parameter.IsToken) w.Line($"public {parameter.Type} Arg{i};");
            i++;
        }

        if (method.Parameters.Any(p => p.IsToken)) w.Line("public override bool IsCancellable => true;");
        var arguments = string.Join(", ", method.Parameters.Select((p, n) => p.IsToken ? "Token" : $"Arg{n}"));
        w.Line($"protected override {Returned(method)} Call(object target) => "
            + $"(({method.Interface})target).@{method.Name}{method.TypeParameters}({arguments});");
        EmitArguments(w, method);
        w.Close();
    }

    private static void EmitArguments(Writer w, Method method)
    {
        var arguments = method.Parameters.Select((p, i) => (Parameter: p, Index: i)).ToArray();
        w.Line($"public override int GetArgumentCount() => {arguments.Length};");
        w.Open("public override object GetArgument(int index) => index switch");
        foreach (var (parameter, i) in arguments)
            w.Line($"{i} => {(parameter.IsToken ? "GetCancellationToken()" : "Arg" + i)},");
        w.Line("_ => throw new global::System.ArgumentOutOfRangeException(nameof(index)),").Close(";");
        w.Open("public override void SetArgument(int index, object value)").Open("switch (index)");
        foreach (var (parameter, i) in arguments)
            w.Line($"case {i}: {(parameter.IsToken ? "CallerToken" : "Arg" + i)} = ({parameter.Type})value; break;");
        w.Line("default: throw new global::System.ArgumentOutOfRangeException(nameof(index));").Close().Close();
        w.Open("public override void WriteArguments(global::Orleans.Serialization.Wire.WireWriter writer)");
        foreach (var (parameter, i) in arguments.Where(a => !a.Parameter.IsToken))
            w.Line($"writer.Member({i});").Line($"{Of}<{parameter.Type}>().Write(writer, Arg{i});");
        w.Close();
        w.Open("public override void ReadArguments(ref global::Orleans.Serialization.Wire.WireReader reader)");
        w.Open("while (true)").Open("switch (reader.Member())");
        foreach (var (parameter, i) in arguments.Where(a => !a.Parameter.IsToken))
            w.Line($"case {i}: Arg{i} = {Of}<{parameter.Type}>().Read(ref reader); break;");
        w.Line("case -1: case -2: return;").Line("default: reader.Skip(); break;");
        w.Close().Close().Close();
    }
}
