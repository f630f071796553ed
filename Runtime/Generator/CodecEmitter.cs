using System.Linq;

namespace OrleansEtl.Runtime.Generator;

/// <summary>Writes the codec of one serialisable type.</summary>
internal static class CodecEmitter
{
    private const string Codecs = "global::Orleans.Serialization.Codecs.";
    private const string Wire = "global::Orleans.Serialization.Wire.";

    public static string Name(TypeShape shape) => "Codec_" + shape.Ident;

    public static string Emit(Serializable type)
    {
        var shape = type.Shape;
        var t = shape.FullName;
        var w = new Writer();
        w.Open($"namespace {shape.Namespace}");
        w.Line(Writer.Marks);
        w.Open($"internal sealed class {Name(shape)}{shape.TypeParameters} : "
            + $"{Codecs}ObjectCodec<{t}>{shape.Constraints}");
        if (type.BaseCodec is not null)
            w.Line($"private readonly {Codecs}ObjectCodec<{type.BaseType}> _base = {type.BaseCodec};");
        w.Line($"protected override bool IsImmutable => {(type.IsImmutable ? "true" : "false")};");
        EmitSharing(w, type);
        w.Line($"protected override {t} Create() => {type.Activation};");
        EmitWrite(w, type);
        EmitRead(w, type);
        EmitCopy(w, type);
        foreach (var member in type.Parameters.Concat(type.Members)) EmitAccessors(w, type, member);
        w.Close().Close();
        return w.ToString();
    }

    private static void EmitSharing(Writer w, Serializable type)
    {
        var members = type.Parameters.Concat(type.Members).ToArray();
        if (type.BaseCodec is not null || type.IsAbstract) return;
        if (members.Any(m => !m.IsReadOnly && !type.IsStruct)) return;
        var codecs = members.Where(m => !m.IsImmutable && !m.CopiesByValue)
            .Select(m => $"{Codecs}CodecTable.Of<{m.Type}>()");
        w.Line($"protected override {Codecs}Codec[] ReadOnlyMembers() => "
            + $"new {Codecs}Codec[] {{ {string.Join(", ", codecs)} }};");
    }

    private static void EmitWrite(Writer w, Serializable type)
    {
        w.Open($"public override void WriteLevels({Wire}WireWriter writer, {type.Shape.FullName} value)");
        if (type.BaseCodec is not null) w.Line("_base.WriteLevels(writer, value);").Line("writer.NextLevel();");
        if (type.HasParameterLevel)
        {
            foreach (var member in type.Parameters) WriteMember(w, type, member);
            w.Line("writer.NextLevel();");
        }

        foreach (var member in type.Members) WriteMember(w, type, member);
        w.Close();
    }

    private static void WriteMember(Writer w, Serializable type, Member member) =>
        w.Line($"writer.Member({member.Id});")
            .Line($"{Codecs}CodecTable.Of<{member.Type}>().Write(writer, {Get(type, member, "value")});");

    private static void EmitRead(Writer w, Serializable type)
    {
        w.Open($"public override bool ReadLevels(ref {Wire}WireReader reader, ref {type.Shape.FullName} value)");
        if (type.BaseCodec is not null)
        {
            w.Line($"{type.BaseType} before = value;");
            w.Line("if (!_base.ReadLevels(ref reader, ref before)) return false;");
        }

        if (type.HasParameterLevel) ReadLevel(w, type, type.Parameters, "goto Members;");
        if (type.HasParameterLevel) w.Line("Members:");
        ReadLevel(w, type, type.Members, "return true;");
        w.Close();
    }

    private static void ReadLevel(Writer w, Serializable type, Seq<Member> members, string atEnd)
    {
        w.Open("while (true)").Open("switch (reader.Member())");
        foreach (var member in members)
        {
            var read = $"{Codecs}CodecTable.Of<{member.Type}>().Read(ref reader)";
            w.Line($"case {member.Id}: {Set(type, member, "value", read)} break;");
        }

        w.Line($"case -1: {atEnd}").Line("case -2: return false;").Line("default: reader.Skip(); break;");
        w.Close().Close();
    }

    private static void EmitCopy(Writer w, Serializable type)
    {
        w.Open($"public override void CopyLevels({type.Shape.FullName} from, ref {type.Shape.FullName} to)");
        if (type.BaseCodec is not null)
            w.Line($"{type.BaseType} before = to;").Line("_base.CopyLevels(from, ref before);");
        foreach (var member in type.Parameters.Concat(type.Members))
        {
            var value = Get(type, member, "from");
            w.Line(Set(type, member, "to", member.IsImmutable || member.CopiesByValue
                ? value
                : $"{Codecs}CodecTable.Of<{member.Type}>().Copy({value})"));
        }

        w.Close();
    }

    private static void EmitAccessors(Writer w, Serializable type, Member member)
    {
        const string Services = "global::System.Runtime.CompilerServices.";
        const string Accessor = $"[{Services}UnsafeAccessor({Services}UnsafeAccessorKind.";
        var self = (type.IsStruct ? "ref " : "") + type.Shape.FullName;
        if (member.WriteBy == MemberAccess.Field || (!member.ReadDirectly && member.BackingField is not null))
        {
            w.Line($"{Accessor}Field, Name = \"{member.BackingField}\")]")
                .Line($"private static extern ref {member.Type} Field_{member.Name}({self} value);");
        }

        if (member.WriteBy == MemberAccess.Setter)
        {
            w.Line($"{Accessor}Method, Name = \"set_{member.Name}\")]")
                .Line($"private static extern void Set_{member.Name}({self} value, {member.Type} set);");
        }

        if (!member.ReadDirectly && member.BackingField is null)
        {
            w.Line($"{Accessor}Method, Name = \"get_{member.Name}\")]")
                .Line($"private static extern {member.Type} Get_{member.Name}({self} value);");
        }
    }

    private static string Get(Serializable type, Member member, string value)
    {
        var by = type.IsStruct ? "ref " : "";
        return member.ReadDirectly ? $"{value}.@{member.Name}"
            : member.BackingField is not null ? $"Field_{member.Name}({by}{value})"
            : $"Get_{member.Name}({by}{value})";
    }

    private static string Set(Serializable type, Member member, string target, string value)
    {
        var by = type.IsStruct ? "ref " : "";
        return member.WriteBy switch
        {
            MemberAccess.Direct => $"{target}.@{member.Name} = {value};",
            MemberAccess.Field => $"Field_{member.Name}({by}{target}) = {value};",
            _ => $"Set_{member.Name}({by}{target}, {value});",
        };
    }
}
