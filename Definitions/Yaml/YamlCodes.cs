namespace OrleansEtl.Definitions;

/// <summary>The codes of the reader; each has a page in <c>Codes/</c>.</summary>
public static class YamlCodes
{
    public const string NotText = "ETL1000";
    public const string Syntax = "ETL1001";
    public const string TooLarge = "ETL1002";
    public const string Empty = "ETL1003";
    public const string WrongShape = "ETL1004";
    public const string DuplicateKey = "ETL1006";
    public const string UnknownKey = "ETL1007";
    public const string MissingKey = "ETL1008";
    public const string WrongType = "ETL1009";
    public const string WrongQuantity = "ETL1011";
    public const string Alias = "ETL1012";
    public const string Tag = "ETL1013";
    public const string SeveralDocuments = "ETL1014";
    public const string BoundMet = "ETL1015";
    public const string Tab = "ETL1016";
    public const string OlderForm = "ETL1020";
    public const string Unreadable = "ETL1021";
    public const string UnquotedTemplate = "ETL1102";
}
