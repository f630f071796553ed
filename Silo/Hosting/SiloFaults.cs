using System.Net;

namespace OrleansEtl.Silo.Hosting;

/// <summary>Why a silo does not start, or goes: ETL4605 to ETL4613.</summary>
public static class SiloFaults
{
    public static FaultException BadConnectionString(string why) => Of(FaultKind.Invalid, "ETL4605",
        $"The connection string of Postgres cannot be read: {why}", "Write it as: Host=db;Database=etl;Username=etl;Password=…");

    public static FaultException FolderMissing(string what, string folder) => Of(FaultKind.NotFound, "ETL4606",
        $"{what} is {folder}, which is not there.", "Make it, or mount it: all silos that hold data must see the same folder at this path.");

    public static FaultException FolderReadOnly(string what, string folder, string why) => Of(FaultKind.Denied, "ETL4606",
        $"{what} is {folder}, where this process cannot write: {why}", "Give the user of the silo the right to write there.");

    public static FaultException PortTaken(string what, IPEndPoint endpoint, string why) => Of(FaultKind.Conflict, "ETL4607",
        $"The silo cannot listen for {what} on {endpoint}: {why}", "Choose other ports with --port and --gateway-port.");

    public static FaultException NoOwnAddress(string why) => Of(FaultKind.Unavailable, "ETL4608",
        $"The address of this machine cannot be found: {why}", "Give it with --host ADDRESS.");

    public static FaultException CannotJoin(string why) => Of(FaultKind.Unavailable, "ETL4609",
        $"The silo could not join the cluster: {why}",
        "See that the other silos run with the same secret and that their addresses can be reached: etl silos");

    public static FaultException OtherSecret() => Of(FaultKind.Denied, "ETL4613",
        "The silos of this database have another secret than this one.",
        "Start it with theirs (ETL_SECRET or --secret-file); to change the secret, stop all silos first.");

    public static Fault DeclaredDead(string name) => new(FaultKind.Fenced, "ETL4610",
        $"The other silos have given up {name}, because it was frozen or cut off; its work goes on elsewhere.", null,
        "Start it again: it joins as a new one.");

    private static FaultException Of(FaultKind kind, string code, string message, string hint) =>
        new(new Fault(kind, code, message, null, hint));
}
