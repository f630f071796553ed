using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansEtl.Client;

namespace OrleansEtl.Cluster.Tests;

/// <summary>What somebody sees whose silo does not start, or whose command does not reach it.</summary>
public sealed class SiloStarts : IDisposable
{
    private const string Nobody = "Host=127.0.0.1;Port=1;Database=etl;Username=etl;Timeout=2";
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-silo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string[], int> BadOptions => new()
    {
        { "ETL_POSTGRES", ["--data", "."], 2 },
        { "--data", ["--postgres", Nobody], 2 },
        { "--roles", ["--postgres", Nobody, "--data", ".", "--roles", "king"], 2 },
        { "--port", ["--postgres", Nobody, "--data", ".", "--port", "0"], 2 },
        { "different ports", ["--postgres", Nobody, "--data", ".", "--port", "5000", "--gateway-port", "5000"], 2 },
        { "--host", ["--postgres", Nobody, "--data", ".", "--host", "0.0.0.0"], 2 },
        { "--memory", ["--postgres", Nobody, "--data", ".", "--memory", "1MB"], 2 },
        { "--slots", ["--postgres", Nobody, "--data", ".", "--slots", "many"], 2 },
        { "--keep", ["--postgres", Nobody, "--data", ".", "--keep", "1s"], 2 },
        { "--tls-key", ["--postgres", Nobody, "--data", ".", "--tls-key", "nowhere.pem"], 2 },
        { "--log", ["--postgres", Nobody, "--data", ".", "--log", "xml"], 2 },
        { "--secret-file", ["--postgres", Nobody, "--data", ".", "--secret-file", "nowhere"], 2 },
        { "ETL4605", ["--postgres", "Hast=db", "--data", "."], 7 },
        { "ETL4606", ["--postgres", Nobody, "--data", "nowhere"], 5 },
        { "--wait", ["--postgres", Nobody, "--data", ".", "--wait", "soon"], 2 },
        { "ETL4402", ["--postgres", Nobody, "--data", ".", "--port", "12345", "--gateway-port", "12346", "--wait", "0s"], 1 },
    };

    [Theory, MemberData(nameof(BadOptions))]
    public async Task A_silo_that_cannot_start_says_why_and_what_to_do(string word, string[] options, int code)
    {
        using var silo = Program.Start(_folder, ["silo", .. options]);
        Assert.Equal(code, await silo.End());
        Assert.Contains("error[ETL", silo.Talk);
        Assert.Contains("= help:", silo.Talk);
        Assert.Contains(word, silo.Talk);
        Assert.DoesNotContain("   at ", silo.Talk);
        Assert.Empty(silo.Data);
    }

    [Fact]
    public async Task A_silo_waits_for_a_Postgres_that_starts_later()
    {
        await using var cluster = await ClusterHarness.Start(silos: 0);
        await cluster.Postgres.Stop();
        var silo = cluster.Add();
        silo.Start();
        await silo.Program.Tells("ETL4402");
        await cluster.Postgres.Start();
        await silo.Ready();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var silo = Program.Start(_folder, ["silo", "--postgres", Nobody, "--data", ".", "--port", $"{port}"]);
        Assert.Equal(6, await silo.End());
        Assert.Contains("ETL4607", silo.Talk);
        Assert.Contains($"{port}", silo.Talk);
    }

    [Fact]
    public async Task Home_and_cluster_together_are_a_mistake_and_a_cluster_that_is_not_there_is_said()
    {
        using var both = Program.Start(_folder, ["--cluster", "127.0.0.1:1", "runs", "list", "--home", "h"]);
        Assert.Equal(2, await both.End());
        Assert.Contains("ETL4809", both.Talk);
        using var nowhere = Program.Start(_folder, ["--cluster", "127.0.0.1:1", "runs", "list"]);
        Assert.Equal(1, await nowhere.End());
        Assert.Contains("ETL4611", nowhere.Talk);
        using var unreadable = Program.Start(_folder, ["--cluster", "127.0.0.1:http", "runs", "list"]);
        Assert.Equal(7, await unreadable.End());
        Assert.Contains("ETL4612", unreadable.Talk);
    }

    [Fact, Trait("category", "runtime-only")]
    public async Task A_client_with_another_secret_is_not_let_in()
    {
        await using var cluster = await ClusterHarness.Start(silos: 1);
        using var client = Program.Start(_folder, ["--cluster", cluster.Gateways, "runs", "list"], ("ETL_SECRET", "guessed"));
        Assert.Equal(1, await client.End());
        Assert.Contains("ETL4611", client.Talk);
        Assert.Contains("secret", client.Talk);
        var thrown = await Assert.ThrowsAsync<FaultException>(() => EtlClient.Connect(
            new EtlClientOptions { Gateways = [cluster.Gateways], Secret = "guessed", ConnectPatience = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal("ETL4611", thrown.Fault.Code);
    }

    [Fact]
    public async Task A_silo_with_another_secret_does_not_join()
    {
        await using var cluster = await ClusterHarness.Start(silos: 1);
        var stranger = cluster.Add(null, ("ETL_SECRET", "guessed"));
        stranger.Start();
        Assert.Equal(4, await stranger.Program.End());
        Assert.Contains("ETL4613", stranger.Program.Talk);
        Assert.DoesNotContain("   at ", stranger.Program.Talk);
        await cluster.RunJson(0, "silos", "--healthy", "s0");
    }

    [Fact, Trait("category", "runtime-only")]
    public async Task With_certificates_only_those_whom_the_authority_has_signed_come_in()
    {
        var tls = Certificates();
        (string, string?)[] settings =
            [("ETL_TLS_CERTIFICATE", tls.CertificateFile), ("ETL_TLS_KEY", tls.KeyFile), ("ETL_TLS_AUTHORITY", tls.AuthorityFile)];
        await using var cluster = await ClusterHarness.Start(2, null, settings);

        var options = new EtlClientOptions
        {
            Gateways = [.. cluster.Silos.Select(silo => silo.Gateway)], Secret = ClusterHarness.Secret, Tls = tls,
            ConnectPatience = TimeSpan.FromMilliseconds(500),
        };
        await using (var etl = await EtlClient.Connect(options))
            Assert.Equal(2, (await etl.Silos.List(TestContext.Current.CancellationToken)).Length);
        await Assert.ThrowsAsync<FaultException>(() => EtlClient.Connect(options with { Tls = null }));
        await Assert.ThrowsAsync<FaultException>(() => EtlClient.Connect(options with { Tls = tls with { CertificateFile = null, KeyFile = null } }));

        using var command = Program.Start(
            _folder, ["--cluster", cluster.Gateways, "silos", "--healthy"], [("ETL_SECRET", ClusterHarness.Secret), .. settings]);
        Assert.True(await command.End() == 0, command.Talk);
    }

    private ClusterTls Certificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authority = request.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256).Create(authority, from, to, [1, 2, 3, 4]);
        return new ClusterTls(
            Pem("certificate", own.ExportCertificatePem()), Pem("key", key.ExportPkcs8PrivateKeyPem()), Pem("authority", authority.ExportCertificatePem()));

        string Pem(string what, string text)
        {
            var path = Path.Combine(_folder, $"{what}.pem");
            File.WriteAllText(path, text);
            return path;
        }
    }
}
