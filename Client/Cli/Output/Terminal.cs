namespace OrleansEtl.Cli.Output;

/// <summary>What the two streams of this process can show. Asked once, at the start.</summary>
/// <param name="DataIsTerminal">stdout: data.</param>
/// <param name="TalkIsTerminal">stderr: progress, errors, hints.</param>
internal sealed record Terminal(
    TextWriter Data, TextWriter Talk, bool DataIsTerminal, bool TalkIsTerminal, bool Colour, Func<int> Width)
{
    private const int WidthUnknown = 100;

    public static Terminal OfThisProcess()
    {
        var data = !Console.IsOutputRedirected;
        var talk = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Terminal(Console.Out, Console.Error, data, talk, WantsColour(talk), MeasureWidth);
    }

    public string Paint(string text, Ink ink) => Colour && ink is not Ink.None ? $"\e[{(int)ink}m{text}\e[0m" : text;

    private static bool WantsColour(bool talkIsTerminal)
    {
        if (Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }) return false;
        if (Environment.GetEnvironmentVariable("CLICOLOR_FORCE") is { Length: > 0 } force && force != "0") return true;
        return talkIsTerminal;
    }

    private static int MeasureWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and var width ? width : WidthUnknown;
        }
        catch (IOException)
        {
            return WidthUnknown;
        }
    }
}

/// <summary>Colours by their ANSI number; what they mean is in <see cref="StatusSign"/>.</summary>
internal enum Ink { None = 0, Bold = 1, Faint = 2, Red = 31, Green = 32, Yellow = 33, Blue = 34, Magenta = 35, Cyan = 36 }
