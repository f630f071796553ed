namespace OrleansEtl.Definitions;

/// <summary>How large a pipeline file may be.</summary>
/// <param name="BytesMax">Files are written by people; more is refused before anything is parsed.</param>
/// <param name="DepthMax">Mappings and lists within each other.</param>
/// <param name="NodesMax">Values after all aliases were put in, so that a few lines cannot unfold into billions.</param>
/// <param name="DiagnosticsMax">Nobody reads more at once.</param>
public sealed record YamlBounds(int BytesMax, int DepthMax, int NodesMax, int DiagnosticsMax)
{
    public static readonly YamlBounds Default = new(BytesMax: 1 << 20, DepthMax: 50, NodesMax: 300_000, DiagnosticsMax: 50);
}
