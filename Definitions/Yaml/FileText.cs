using System.Text;

namespace OrleansEtl.Definitions;

/// <summary>Bytes to text: UTF-8 without binary rubbish, within the bound.</summary>
internal static class FileText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string? Read(ReadOnlySpan<byte> bytes, YamlBounds bounds, Findings findings)
    {
        if (bytes.Length > bounds.BytesMax)
        {
            TooLarge(bytes.Length, bounds, findings);
            return null;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            findings.Error(YamlCodes.NotText, "The file is UTF-16.", null, null, "Save it as UTF-8.");
            return null;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        var binary = bytes.IndexOfAnyInRange((byte)0, (byte)8);
        if (binary >= 0)
        {
            findings.Error(YamlCodes.NotText, $"The file is binary: it has the byte {bytes[binary]} here.", At(bytes, binary), null,
                "A pipeline file is UTF-8 text.");
            return null;
        }
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            findings.Error(YamlCodes.NotText, "The file is not UTF-8.", At(bytes, Math.Clamp(e.Index, 0, bytes.Length)), null,
                "Save it as UTF-8.");
            return null;
        }
    }

    public static void TooLarge(long length, YamlBounds bounds, Findings findings) => findings.Error(
        YamlCodes.TooLarge, $"The file has {length} bytes; at most {bounds.BytesMax} are read.", null, null,
        "Move data out of it; split what is several pipelines.");

    private static SourceRange At(ReadOnlySpan<byte> bytes, int index)
    {
        var before = bytes[..index];
        var line = before.Count((byte)'\n') + 1;
        var column = index - before.LastIndexOf((byte)'\n');
        return new SourceRange(line, column, line, column + 1);
    }
}
