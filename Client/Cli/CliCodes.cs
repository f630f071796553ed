namespace OrleansEtl.Cli;

/// <summary>The codes of the command line; each has a page in <c>Definitions/Codes/</c>.</summary>
internal static class CliCodes
{
    public const string Internal = "ETL9001";
    public const string NoHome = "ETL4801";
    public const string OtherDefinition = "ETL4802";
    public const string OtherParams = "ETL4803";
    public const string NoRun = "ETL4201";
    public const string NoDataset = "ETL4804";
    public const string FileExists = "ETL4805";
    public const string WrongSetting = "ETL4806";
    public const string NoTopic = "ETL4807";
    public const string CannotWrite = "ETL4808";
    public const string WrongUse = "ETL4809";
}
