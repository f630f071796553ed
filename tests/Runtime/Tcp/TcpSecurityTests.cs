using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime.Messaging;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

/// <summary>Encrypted connections, with an authority and certificates made for the test.</summary>
[Trait("category", "runtime-only")]
public sealed class TcpSecurityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tls").FullName;
    private readonly string _key = Signals.NewKey();
    private readonly IPEndPoint _gateway = TcpGiven.FreeEndpoint();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Both_ends_show_certificates_of_the_authority_and_calls_pass()
    {
        var settings = Settings("cluster");
        using var silo = await TcpGiven.Silo(_gateway, settings);
        using var client = await TcpGiven.Client([_gateway], settings);
        var calls = Enumerable.Range(0, 500).Select(_ => client.Grain(_key).Add(1)).ToArray();
        Assert.Equal(Enumerable.Range(1, 500), await Task.WhenAll(calls));
        var large = new byte[3_000_000];
        Assert.Equal(large.Length, (await client.Grain(_key).Echo(large)).Length);
        await client.StopAsync();
    }

    [Fact]
    public async Task A_client_of_another_authority_is_refused()
    {
        using var silo = await TcpGiven.Silo(_gateway, Settings("cluster"));
        await Assert.ThrowsAsync<ConnectionFailedException>(() => Client(Settings("elsewhere")));
    }

    [Fact]
    public async Task A_client_without_a_certificate_or_without_TLS_is_refused()
    {
        var settings = Settings("cluster");
        using var silo = await TcpGiven.Silo(_gateway, settings);
        await Assert.ThrowsAsync<ConnectionFailedException>(() => Client(new()
        {
            ["Orleans:Security:AuthorityFile"] = settings["Orleans:Security:AuthorityFile"],
        }));
        await Assert.ThrowsAsync<ConnectionFailedException>(() => Client(new()));
    }

    private Task<IHost> Client(Dictionary<string, string?> settings) => TcpGiven.Client(
        [_gateway], settings, orleans => orleans.UseConnectionRetryFilter((_, _) => Task.FromResult(false)));

    private Dictionary<string, string?> Settings(string name)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {name}", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authority = request.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest($"CN=silo {name}", key, HashAlgorithmName.SHA256)
            .Create(authority, from, to, [1, 2, 3, 4]);
        return new()
        {
            ["Orleans:Security:AuthorityFile"] = File("authority", authority.ExportCertificatePem()),
            ["Orleans:Security:CertificateFile"] = File("certificate", own.ExportCertificatePem()),
            ["Orleans:Security:KeyFile"] = File("key", key.ExportPkcs8PrivateKeyPem()),
        };

        string File(string what, string pem)
        {
            var path = Path.Combine(_folder, $"{name}-{what}.pem");
            System.IO.File.WriteAllText(path, pem);
            return path;
        }
    }
}
