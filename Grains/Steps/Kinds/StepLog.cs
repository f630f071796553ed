namespace OrleansEtl.Steps;

/// <summary>What a step says while it works, for those who read the log of its attempt. A line is one sentence with its figures as
/// fields; it never holds a secret, and costs the step next to nothing.</summary>
public sealed class StepLog
{
    public delegate void Said(LineLevel level, string message, ReadOnlySpan<Field> fields);

    /// <summary>For plans that are made where nobody reads.</summary>
    public static readonly StepLog Unread = new((_, _, _) => { });

    private readonly Said _say;

    public StepLog(Said say) => _say = say;

    public void Debug(string message, params ReadOnlySpan<Field> fields) => _say(LineLevel.Debug, message, fields);
    public void Info(string message, params ReadOnlySpan<Field> fields) => _say(LineLevel.Info, message, fields);
    public void Warn(string message, params ReadOnlySpan<Field> fields) => _say(LineLevel.Warn, message, fields);
    public void Error(string message, params ReadOnlySpan<Field> fields) => _say(LineLevel.Error, message, fields);
}
