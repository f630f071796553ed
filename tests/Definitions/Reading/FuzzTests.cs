using System.Text;

namespace OrleansEtl.Definitions.Tests.Reading;

/// <summary>Whatever the bytes are: diagnostics or a spec, never an exception, and soon.</summary>
public class FuzzTests
{
    private static readonly TimeSpan LongestMax = TimeSpan.FromSeconds(2);

    [Fact]
    public void Random_bytes_give_diagnostics()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var chance = new Chance(seed);
            Survives(chance.Bytes(chance.Below(400)), seed);
        }
    }

    [Fact]
    public void Random_signs_of_YAML_give_diagnostics()
    {
        const string signs = "abc:: --{{}}[]&*!|>'\"#%@`\\\n\n  \t,?~01.<";
        for (var seed = 0; seed < 3_000; seed++)
        {
            var chance = new Chance(seed);
            var text = string.Concat(Enumerable.Range(0, chance.Below(120)).Select(_ => signs[chance.Below(signs.Length)]));
            Survives(Encoding.UTF8.GetBytes(text), seed);
        }
    }

    [Fact]
    public void Files_with_a_few_changed_bytes_give_a_spec_or_diagnostics()
    {
        var files = Directory.GetFiles(Path.Combine(Files.Here, "Faulty"), "*.yaml").Order().Select(File.ReadAllBytes)
            .Concat(Enumerable.Range(0, 20).Select(s => Encoding.UTF8.GetBytes(PipelineYaml.Write(new Chance(s).Spec()))))
            .Where(b => b.Length > 0).ToArray();
        for (var seed = 0; seed < 1_500; seed++)
        {
            var chance = new Chance(seed);
            var bytes = chance.Of(files).ToList();
            for (var i = 0; i <= chance.Below(5); i++)
            {
                var at = chance.Below(bytes.Count);
                switch (chance.Below(4))
                {
                    case 0: bytes[at] = (byte)chance.Below(256); break;
                    case 1: bytes.Insert(at, (byte)" \n:-{}[]\"'#&*|>\t"[chance.Below(16)]); break;
                    case 2 when bytes.Count > 1: bytes.RemoveAt(at); break;
                    default: bytes.InsertRange(at, bytes.Take(chance.Below(bytes.Count)).ToArray()); break;
                }
            }
            Survives([.. bytes], seed);
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("a: ")]
    [InlineData("? ")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("\"")]
    [InlineData("#")]
    [InlineData("a\n")]
    [InlineData("a: b\n")]
    [InlineData("- a\n")]
    [InlineData("!t ")]
    [InlineData("{{ x }} ")]
    [InlineData("| ")]
    [InlineData("\n")]
    [InlineData("[a, ")]
    [InlineData("[]: ")]
    [InlineData("steps: ")]
    [InlineData("%YAML 1.2\n")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("é")]
    public void A_long_run_of_the_same_ends_soon(string part)
    {
        var count = (1 << 18) / Encoding.UTF8.GetByteCount(part);
        Survives(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, count))), 0);
        Survives(Encoding.UTF8.GetBytes("pipeline: p\nsteps:\n - id: " + string.Concat(Enumerable.Repeat(part, count - 20))), 0);
    }

    private static void Survives(byte[] bytes, int seed)
    {
        var took = TimeSpan.Zero;
        try
        {
            took = CpuClock.Of(() =>
            {
                var check = Files.Check(bytes);
                Assert.True(check.Plan is not null || check.Diagnostics.Any(d => d.Severity == Severity.Error),
                    $"seed {seed}: neither plan nor error");
                DiagnosticText.Render(check.Diagnostics, check.Text);
            });
        }
        catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
        {
            Assert.Fail($"seed {seed}: {e}\n{Convert.ToBase64String(bytes.AsSpan(0, Math.Min(bytes.Length, 3000)))}");
        }
        Assert.True(took < LongestMax, $"seed {seed}: took {took}");
    }
}
