namespace OrleansEtl.Engine.Runs;

/// <summary>The codes of what a run is for; each has a page in <c>Definitions/Codes</c>.</summary>
public static class RunCodes
{
    public const string NoInterval = "ETL3830";
    public const string NoPartition = "ETL3831";
    public const string IntervalEndsEarly = "ETL3832";
    public const string NoItem = "ETL6851";
}
