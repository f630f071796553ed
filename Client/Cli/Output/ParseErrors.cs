using System.CommandLine.Parsing;

namespace OrleansEtl.Cli.Output;

/// <summary>What is wrong with a command line, without the names of types.</summary>
internal static class ParseErrors
{
    private const string TypeFollows = " as expected type '";

    public static bool NamesType(ParseError error) => error.Message.Contains(TypeFollows, StringComparison.Ordinal);

    /// <param name="text">What the parser says, which holds the errors' messages.</param>
    public static string InWords(string text, IEnumerable<ParseError> errors) =>
        errors.Aggregate(text, (said, error) => said.Replace(error.Message, InWords(error), StringComparison.Ordinal));

    private static string InWords(ParseError error)
    {
        var at = error.Message.IndexOf(TypeFollows, StringComparison.Ordinal);
        if (at < 0) return error.Message;
        var type = error.SymbolResult switch
        {
            OptionResult option => option.Option.ValueType,
            ArgumentResult argument => argument.Argument.ValueType,
            _ => typeof(string),
        };
        return $"{error.Message[..at]}: expected {Expected(Nullable.GetUnderlyingType(type) ?? type)}.";
    }

    private static string Expected(Type type) =>
        type.IsEnum ? string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : "another value";
}
