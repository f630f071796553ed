using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Definitions.Templates;

/// <summary>A template as its file says it: <c>template: NAME</c> with a version, parameters of types, and steps with conditions and loops.</summary>
/// <param name="Name">Empty when it has none.</param>
/// <param name="Version">0 when it has none.</param>
public sealed record PipelineTemplate(
    string Name, int Version, string? Description, ImmutableArray<ParamSpec> Params, ImmutableArray<Diagnostic> Diagnostics, SourceFile Source)
{
    /// <summary>Null when the file is no mapping.</summary>
    internal Node.Mapping? Root { get; init; }

    internal SourceMap Map { get; init; } = SourceMap.Empty;

    public bool HasErrors => Diagnostics.Any(one => one.Severity == Severity.Error);

    /// <summary>Whether it makes a pipeline without being given anything.</summary>
    public bool NeedsNothing => Params.All(param => param.Default is not null);

    /// <summary>What a pipeline keeps of it.</summary>
    public TemplateUse AsUse() => new(Name, Version, Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(NodeValues.ToValue(Root!).ToJson())))[..16]);

    /// <summary><c>csv_mart@2</c></summary>
    public override string ToString() => $"{Name}@{Version}";
}
