namespace OrleansEtl.Storage;

/// <summary>Every fault of this room, ETL4101 to ETL4149 and ETL4401 to ETL4449, in one place.</summary>
internal static class StorageFaults
{
    public static FaultException NotAStore(string path, string found) => Of(FaultKind.Invalid, "ETL4101",
        $"{path}: found {found}, expected an OrleansEtl store. The file was not touched.",
        "Choose another folder with --home, or move the file away.");

    public static FaultException Damaged(string path, string found) => Of(FaultKind.Invalid, "ETL4102",
        $"{path}: the store is damaged ({found}). Nothing was changed.",
        "Copy the folder, then restore it from a backup, or move store.db and its -wal file away to start afresh.");

    public static FaultException Newer(string path, long found, long known) => Of(FaultKind.Invalid, "ETL4103",
        $"{path}: found store version {found}, this program knows versions up to {known}. The file was not touched.",
        "Use the newer etl that wrote it, or choose another folder with --home.");

    public static FaultException CannotOpen(string path, string found) => Of(FaultKind.Denied, "ETL4104",
        $"{path}: the store cannot be opened ({found}).",
        "Check that the folder exists, that you may write to it, and that it is on a local disk.");

    public static FaultException Busy(string path, string found) => Of(FaultKind.Unavailable, "ETL4105",
        $"{path}: another process kept the store locked ({found}).", "Try again.");

    public static bool IsBusy(Fault fault) => fault.Code == "ETL4105";

    public static FaultException DiskFull(string path) => Of(FaultKind.Exhausted, "ETL4106",
        $"{path}: the disk is full. Nothing of the last write was stored.", "Free some space, then try again.");

    public static FaultException Unreachable(string path, string found) => Of(FaultKind.Unavailable, "ETL4107",
        $"{path}: the store could not be read or written ({found}).", "Check the disk, then try again.");

    public static FaultException Away(TimeSpan waited) => Of(FaultKind.Unavailable, "ETL4108",
        $"The store has not taken a write for {waited.TotalSeconds:0.#} s. Whether it was stored is not known.",
        "Offer the same write again, or read.");

    public static FaultException Refused(string place, string found) => Of(FaultKind.Bug, "ETL4109",
        $"{place}: the store refused a write ({found}).", "Please report this.");

    public static FaultException TooLarge(string place, long bytes, long bytesMax) => Of(FaultKind.Invalid, "ETL4110",
        $"{place}: found one write of {bytes} bytes, expected at most {bytesMax}.", "Keep large values in datasets.");

    public static FaultException Closed() => Of(FaultKind.Unavailable, "ETL4111", "The store has been closed.", null);

    public static FaultException BadCursor(string cursor) => Of(FaultKind.Invalid, "ETL4112",
        $"'{cursor}' is not a cursor of this list.", "Take the cursor from the page before, or leave it out.");

    public static FaultException BadLimit(int limit) => Of(FaultKind.Invalid, "ETL4113",
        $"Found a limit of {limit}, expected 1 to {Paging.LimitMax}.", null);

    public static FaultException NoSuchRun(RunId run) => Of(FaultKind.NotFound, "ETL4114",
        $"Run {run} is not in this store.", "List the runs with: etl runs list");

    public static FaultException NotEntered(string driver) => Of(FaultKind.Fenced, "ETL4115",
        $"Driver {driver} is not entered any more: others took it for dead.", "Enter again under a new id.");

    public static FaultException TooManyLetters(RunId run, int lettersMax) => Of(FaultKind.Exhausted, "ETL4116",
        $"Run {run} has {lettersMax} commands that are not answered.", "Wait until its driver has answered them.");

    public static FaultException NothingAsked(RunStatus status) => Of(FaultKind.Invalid, "ETL4117",
        $"Unfinished runs with the status {status.Word()} were asked for; there can be none.", "Leave one of the two out.");

    public static FaultException TakenAway(string path) => Of(FaultKind.NotFound, "ETL4118",
        $"{path}: the store was deleted, moved or replaced while it was in use. Nothing more is stored.",
        "Put the folder back as it was, or end this process and start afresh.");

    public static FaultException NewerSchema(string database, int found, int known) => Of(FaultKind.Invalid, "ETL4401",
        $"Database {database}: found schema version {found}, this program knows versions up to {known}. Nothing was changed.",
        "Use the newer etl that wrote it, or another database.");

    public static FaultException ServerAway(string found) => Of(FaultKind.Unavailable, "ETL4402",
        $"Postgres cannot be reached, or takes no writes for now ({found}).", "Check that the server runs and can be reached from here.");

    public static FaultException ServerDiskFull(string found) => Of(FaultKind.Exhausted, "ETL4403",
        $"The disk of the Postgres server is full ({found}). Nothing of the last write was stored.",
        "Free some space on the server, then try again.");

    public static FaultException ServerRefuses(string place, string found) => Of(FaultKind.Denied, "ETL4404",
        $"{place}: Postgres refuses the connection ({found}).",
        "Check user, password and database; the user must own the database or its schema 'etl'.");

    private static FaultException Of(FaultKind kind, string code, string message, string? hint) =>
        new(new Fault(kind, code, message, Hint: hint));
}
