using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Writes the manifest of the assembly: everything that was found, in one class.</summary>
internal static class ManifestEmitter
{
    private const string Metadata = "global::Orleans.Metadata.";
    private const string Codecs = "global::Orleans.Serialization.Codecs.";

    public static string Emit(
        string assembly, IEnumerable<Serializable> types, IEnumerable<GrainInterface> interfaces,
        IEnumerable<GrainClass> classes, IEnumerable<Converter> converters, IEnumerable<string> parts)
    {
        var name = "Manifest_" + new string(assembly.Select(c => char.IsLetterOrDigit(c) ? c : '_').ToArray());
        var w = new Writer();
        foreach (var part in parts) w.Line($"[assembly: {Metadata}ApplicationPart({Symbols.Literal(part)})]");
        w.Line($"[assembly: {Metadata}TypeManifestProvider(typeof(OrleansCodeGen.{name}))]");
        w.Open("namespace OrleansCodeGen");
        w.Line(Writer.Marks);
        w.Open($"internal sealed class {name} : {Metadata}AssemblyManifest");
        w.Open($"public override void Describe({Metadata}ManifestBuilder manifest)");
        foreach (var type in types) EmitType(w, type);
        foreach (var type in interfaces) EmitInterface(w, type);
        foreach (var type in classes)
        {
            var implemented = string.Concat(type.Interfaces.Select(i => $", typeof({i})"));
            w.Line($"manifest.Grain({Symbols.Literal(type.GrainType)}, typeof({type.FullName}){implemented});");
        }

        foreach (var c in converters)
        {
            w.Line($"manifest.Converter(typeof({c.Value}), "
                + $"static () => new {Codecs}SurrogateCodec<{c.Value}, {c.Surrogate}, {c.Type}>());");
        }

        w.Close().Close().Close();
        return w.ToString();
    }

    private static void EmitType(Writer w, Serializable type)
    {
        var shape = type.Shape;
        var codec = $"global::{shape.Namespace}.{CodecEmitter.Name(shape)}";
        var alias = Symbols.Literal(type.Alias);
        if (type.IsEnum) w.Line($"manifest.Named(typeof({shape.FullName}), {alias});");
        else if (shape.TypeParameters.Length > 0)
            w.Line($"manifest.SerializableGeneric(typeof({shape.OpenName}), {alias}, typeof({codec}{Open(shape)}));");
        else w.Line($"manifest.Serializable(typeof({shape.FullName}), {alias}, static () => new {codec}());");
    }

    private static void EmitInterface(Writer w, GrainInterface type)
    {
        var shape = type.Shape;
        var proxy = $"global::{shape.Namespace}.{ProxyEmitter.Name(shape)}";
        var name = Symbols.Literal(type.WireName);
        if (shape.TypeParameters.Length > 0)
        {
            w.Line($"manifest.InterfaceGeneric(typeof({shape.OpenName}), {name}, {type.Version}, "
                + $"typeof({proxy}{Open(shape)}));");
        }
        else
        {
            w.Line($"manifest.Interface(typeof({shape.FullName}), {name}, {type.Version}, "
                + $"static (kind, key) => new {proxy}(kind, key));");
        }

        foreach (var method in type.Own)
        {
            var request = method.RequestName.Split('<');
            var open = request.Length > 1 ? request[0] + Commas(method.RequestName) : request[0];
            w.Line($"manifest.Named(typeof({open}), {Symbols.Literal(type.WireName + "." + method.WireName)});");
        }
    }

    private static string Open(TypeShape shape) => Commas(shape.TypeParameters);

    private static string Commas(string arguments) => "<" + new string(',', arguments.Count(c => c == ',')) + ">";
}
