namespace OrleansEtl.Engine.Limits;

/// <summary>The codes of named limits; each has a page in <c>Definitions/Codes</c>.</summary>
public static class LimitCodes
{
    public const string NoLimit = "ETL6301";
    public const string WrongSpec = "ETL6302";
    public const string InUse = "ETL6303";
    public const string Outdated = "ETL6304";
    public const string LineFull = "ETL6305";
    public const string OtherScope = "ETL6306";
    public const string NoHolder = "ETL6307";
    public const string NeverEnough = "ETL6308";
    public const string CannotHold = "ETL6309";
    public const string WrongUse = "ETL6310";
}
