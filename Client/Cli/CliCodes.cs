namespace OrleansEtl.Cli;

/// <summary>The codes of the command line; each has a page in <c>Definitions/Codes/</c>.</summary>
internal static class CliCodes
{
    public const string Internal = "ETL9001";
    public const string NoHome = "ETL4301";
    public const string OtherDefinition = "ETL4302";
    public const string OtherParams = "ETL4303";
    public const string NoRun = "ETL4201";
    public const string NoDataset = "ETL4304";
    public const string FileExists = "ETL4305";
    public const string WrongSetting = "ETL4306";
    public const string NoTopic = "ETL4307";
    public const string CannotWrite = "ETL4308";
}
