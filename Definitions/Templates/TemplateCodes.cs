namespace OrleansEtl.Definitions.Templates;

/// <summary>The codes of pipeline templates; each has a page in <c>Codes/</c>.</summary>
public static class TemplateCodes
{
    public const string NotFound = "ETL6800";
    public const string WrongUse = "ETL6801";
    public const string UnknownParam = "ETL6802";
    public const string MissingParam = "ETL6803";
    public const string WrongParam = "ETL6804";
    public const string UnknownName = "ETL6805";
    public const string KnownLater = "ETL6806";
    public const string WrongBlock = "ETL6807";
    public const string BoundMet = "ETL6808";
    public const string Circle = "ETL6809";
    public const string TwoFiles = "ETL6810";
    public const string CannotStand = "ETL6811";
    public const string ChangedContent = "ETL6812";
    public const string IsTemplate = "ETL6813";
    public const string WithoutUse = "ETL6814";
}
