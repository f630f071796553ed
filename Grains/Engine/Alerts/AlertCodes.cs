namespace OrleansEtl.Engine.Alerts;

/// <summary>The codes of alerts; each has a page in <c>Definitions/Codes</c>.</summary>
public static class AlertCodes
{
    public const string WrongRule = "ETL6750";
    public const string UnknownChannel = "ETL6751";
    public const string WrongChannel = "ETL6752";
    public const string WrongSilence = "ETL6754";
    public const string NoSilence = "ETL6755";
    public const string TooManySilences = "ETL6756";
    public const string Contended = "ETL6757";
    public const string Unheard = "ETL6758";
    public const string NoPipeline = "ETL6759";
}
