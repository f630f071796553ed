namespace OrleansEtl.Client;

/// <summary>Encrypts the connections of a cluster. All its silos and clients have it, or none. Files are PEM.</summary>
/// <param name="CertificateFile">Of this silo, or of this client where the silos ask for one; null: a client without one.</param>
/// <param name="KeyFile">The key of that certificate; null: it stands in the same file.</param>
/// <param name="AuthorityFile">Who signed the others' certificates. A silo that has it lets in only clients and silos with a certificate
/// that it signed. Null: a client checks silos by the machine's own authorities, names included.</param>
public sealed record ClusterTls(string? CertificateFile, string? KeyFile, string? AuthorityFile);

/// <summary>The settings by which the runtime secures connections, as text, since only the runtime of this project has them.</summary>
public static class ClusterSecurity
{
    private const string Section = "Orleans:Security:";

    public static IEnumerable<KeyValuePair<string, string?>> Settings(string? secret, ClusterTls? tls) =>
    [
        new(Section + "Secret", secret),
        new(Section + "CertificateFile", tls?.CertificateFile),
        new(Section + "KeyFile", tls?.KeyFile),
        new(Section + "AuthorityFile", tls?.AuthorityFile),
    ];
}
