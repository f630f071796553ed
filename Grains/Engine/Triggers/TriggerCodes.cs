namespace OrleansEtl.Engine.Triggers;

/// <summary>The codes of triggers; each has a page in <c>Definitions/Codes</c>.</summary>
public static class TriggerCodes
{
    public const string NoTrigger = "ETL6700";
    public const string WrongId = "ETL6701";
    public const string Contended = "ETL6702";
    public const string WrongSource = "ETL6703";
    public const string Cycle = "ETL6704";
    public const string FolderMissing = "ETL6705";
    public const string TooManyFiles = "ETL6706";
    public const string TooDeep = "ETL6707";
    public const string LookFailed = "ETL6708";
    public const string NoTriggerValues = "ETL6709";
    public const string Unreadable = "ETL6710";

    public const string NotAccepted = "ETL6711";
    public const string HookTooLarge = "ETL6712";
    public const string TooManyHooks = "ETL6713";
    public const string HookUnreadable = "ETL6714";
    public const string NoHookThere = "ETL6715";
    public const string HookAway = "ETL6716";
    public const string HookPortTaken = "ETL6717";
    public const string NoSecret = "ETL6718";
    public const string Paused = "ETL6719";
    public const string TooManyStarts = "ETL6720";

    public const string QueueAway = "ETL6721";
    public const string NoMessageId = "ETL6722";
    public const string MessageUnreadable = "ETL6723";

    public const string NoDataset = "ETL6724";
}
