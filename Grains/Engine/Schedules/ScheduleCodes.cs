namespace OrleansEtl.Engine.Schedules;

/// <summary>The codes of schedules; each has a page in <c>Definitions/Codes</c>.</summary>
public static class ScheduleCodes
{
    public const string CronFields = "ETL4701";
    public const string CronValue = "ETL4702";
    public const string CronStep = "ETL4703";
    public const string CronSign = "ETL4704";
    public const string CronNever = "ETL4705";
    public const string CronMacro = "ETL4706";
    public const string UnknownZone = "ETL4710";
    public const string WrongPeriod = "ETL4711";
    public const string WrongSpan = "ETL4712";
    public const string WrongJitter = "ETL4713";

    public const string WrongId = "ETL3833";
    public const string Contended = "ETL3834";

    public const string NoSchedule = "ETL4720";
    public const string OtherSchedule = "ETL4721";
    public const string Overlaps = "ETL4722";
    public const string WrongBackfill = "ETL4723";
    public const string TooMuchBackfill = "ETL4724";
    public const string OtherBackfill = "ETL4725";
    public const string NoBackfill = "ETL4726";
    public const string BackfillEnded = "ETL4727";
}
