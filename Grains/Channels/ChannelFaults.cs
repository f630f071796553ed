namespace OrleansEtl.Channels;

/// <summary>Why a message did not arrive: ETL6760 to ETL6779.</summary>
internal static class ChannelFaults
{
    /// <summary>Of what the other side says.</summary>
    private const int SaidMax = 200;

    public static Fault PrivateAddress(string host) => new(FaultKind.Denied, "ETL6760",
        $"The webhook's host {host} is at an address of this machine, of a private network, or of none.", null,
        "Where that is meant, write `private: true` in its definition.");

    public static Fault Unreachable(string what, string why) => new(FaultKind.Unavailable, "ETL6761", $"{what} was not reached: {Said(why)}");

    public static Fault TooSlow(string what, TimeSpan within) => new(FaultKind.Unavailable, "ETL6762",
        $"{what} did not answer within {Durations.ToText(within)}.");

    public static Fault Answered(int status, string said) => new(FaultKind.Unavailable, "ETL6763",
        $"The webhook answered with status {status}{(said.Length > 0 ? $": {Said(said)}" : "")}; expected one from 200 to 299.");

    public static Fault Redirects(int status) => new(FaultKind.Invalid, "ETL6764",
        $"The webhook answered with status {status}, which leads elsewhere; redirects are not followed.", null, "Write the address that it leads to.");

    public static Fault MailRefused(string to, string reply) => new(FaultKind.Unavailable, "ETL6770",
        $"The mail server refused {to}: {Said(reply)}");

    public static Fault NotEncrypted(string why) => new(FaultKind.Denied, "ETL6771",
        $"The connection to the mail server cannot be encrypted: {Said(why)}", null,
        "For certificates of one's own write `authority: FILE`; a server within reach of nobody else may do with `starttls: false`.");

    private static string Said(string text) => Excerpt.Of(Printable.Of(text.ReplaceLineEndings(" ").Trim()), SaidMax);
}
