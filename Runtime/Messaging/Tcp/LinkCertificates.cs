using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The certificates of one end. With an authority both ends must show a certificate that it has signed, and
/// names are not compared: whoever the authority of the cluster has signed may be any silo. Without one, the
/// end that connects checks against the machine's roots, names included.
/// </summary>
internal sealed record LinkCertificates(X509Certificate2? Own, X509Certificate2Collection? Authorities)
{
    public static LinkCertificates? Load(string? certificateFile, string? keyFile, string? authorityFile)
    {
        if (string.IsNullOrEmpty(certificateFile) && string.IsNullOrEmpty(authorityFile)) return null;
        try
        {
            X509Certificate2? own = null;
            if (!string.IsNullOrEmpty(certificateFile))
            {
                own = X509Certificate2.CreateFromPemFile(
                    certificateFile, string.IsNullOrEmpty(keyFile) ? null : keyFile);
            }

            if (string.IsNullOrEmpty(authorityFile)) return new(own, null);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(authorityFile);
            return new(own, authorities);
        }
        catch (Exception error) when (error is IOException or System.Security.Cryptography.CryptographicException)
        {
            throw new OrleansConfigurationException(
                $"The certificates of Orleans:Security cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The encrypted stream over an accepted or opened one.</summary>
    public Stream Secure(Stream stream, bool accepted, string host)
    {
        var secured = new SslStream(stream, leaveInnerStreamOpen: false);
        if (accepted) secured.AuthenticateAsServer(ServerOptions());
        else secured.AuthenticateAsClient(ClientOptions(host));
        return secured;
    }

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificate = Own
            ?? throw new OrleansConfigurationException("A silo with TLS needs Orleans:Security:CertificateFile."),
        ClientCertificateRequired = Authorities is not null,
        RemoteCertificateValidationCallback = Authorities is null ? null : SignedByAuthority,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    private SslClientAuthenticationOptions ClientOptions(string host) => new()
    {
        TargetHost = host,
        ClientCertificates = Own is null ? null : [Own],
        RemoteCertificateValidationCallback = Authorities is null ? null : SignedByAuthority,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    private bool SignedByAuthority(
        object sender, X509Certificate? certificate, X509Chain? given, SslPolicyErrors errors)
    {
        if (certificate is null) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var element in given?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate as X509Certificate2 ?? new X509Certificate2(certificate));
    }
}
