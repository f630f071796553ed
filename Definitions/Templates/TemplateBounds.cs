namespace OrleansEtl.Definitions.Templates;

/// <summary>How far templates go.</summary>
/// <param name="FilesMax">Of one folder <c>templates</c>.</param>
/// <param name="DepthMax">Templates that use each other, and blocks of steps within blocks: as far as people can follow.</param>
/// <param name="StepsMax">Of the pipeline that comes out.</param>
/// <param name="NodesMax">Values that are looked at, so that loops within loops end.</param>
public sealed record TemplateBounds(int FilesMax, int DepthMax, int StepsMax, int NodesMax)
{
    public static readonly TemplateBounds Default = new(FilesMax: 200, DepthMax: 8, StepsMax: 10_000, NodesMax: 300_000);
}
