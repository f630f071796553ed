using System.Text.RegularExpressions;

namespace OrleansEtl.Data.Datasets;

/// <summary>Whose files these are: a folder of three names, <c>run/step/attempt</c> to those who make it, opaque to the
/// store.</summary>
public sealed partial record StagingKey
{
    private StagingKey(string owner, string part, string attempt) => (Owner, Part, Attempt) = (owner, part, attempt);

    public string Owner { get; }

    public string Part { get; }

    public string Attempt { get; }

    /// <summary>The folder below the store's root, with forward slashes.</summary>
    public string Location => $"{Owner}/{Part}/{Attempt}";

    /// <exception cref="FaultException">A name could leave its folder, hide, or mean something to a shell.</exception>
    public static StagingKey Of(string owner, string part, string attempt)
    {
        foreach (var name in new[] { owner, part, attempt })
            if (!IsName(name))
                throw new FaultException(new Fault(
                    FaultKind.Invalid, DataCodes.StagingKeyInvalid,
                    $"Staging: found the name '{name}'; expected a letter or digit, "
                    + "then at most 127 letters, digits, '_', '-' or '.'."));
        return new StagingKey(owner, part, attempt);
    }

    internal static bool IsName(string name) => Form().IsMatch(name);

    public override string ToString() => Location;

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
