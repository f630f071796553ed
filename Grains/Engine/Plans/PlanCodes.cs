namespace OrleansEtl.Engine.Plans;

/// <summary>The codes that the check of a pipeline uses; each has a page in <c>Definitions/Codes</c>.</summary>
public static class PlanCodes
{
    public const string UnknownField = "ETL1007";
    public const string MissingField = "ETL1008";
    public const string WrongType = "ETL1009";
    public const string WrongName = "ETL1010";
    public const string WrongQuantity = "ETL1011";
    public const string BoundMet = "ETL1015";

    public const string UnknownKind = "ETL2001";
    public const string DuplicateStep = "ETL2002";
    public const string UnknownStep = "ETL2003";
    public const string DependsOnItself = "ETL2004";
    public const string Cycle = "ETL2005";
    public const string WrongInputs = "ETL2006";
    public const string NotAnInput = "ETL2007";
    public const string UnknownPort = "ETL2008";
    public const string Expression = "ETL2009";
    public const string UnknownName = "ETL2010";
    public const string NotADependency = "ETL2011";
    public const string UnknownValue = "ETL2012";
    public const string TypesDiffer = "ETL2013";
    public const string TemplateInSql = "ETL2014";
    public const string WrongWhen = "ETL2015";
    public const string WrongDefault = "ETL2016";
    public const string NoSteps = "ETL2017";
    public const string DuplicateParam = "ETL2018";
    public const string MissingParam = "ETL2020";
    public const string UnknownParam = "ETL2021";
    public const string WrongParam = "ETL2022";
    public const string CannotEvaluate = "ETL2023";

    public const string NoEnvironment = "ETL6120";
    public const string UnknownEnvironmentValue = "ETL6121";

    public const string SameItemField = "ETL4728";
    public const string CannotRepeat = "ETL6202";
    public const string RulesForItems = "ETL6209";

    public const string WrongCompensation = "ETL6410";

    public const string NotPure = "ETL6500";
    public const string OnlyInTemplates = "ETL6815";

    public const string RunsItself = "ETL6830";
    public const string NoRetryOfRuns = "ETL6836";
}
