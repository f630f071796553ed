namespace Orleans;

/// <summary>Why an activation ends.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>Not said.</summary>
    None,

    /// <summary>The silo stops.</summary>
    ShuttingDown,

    /// <summary>It never came up.</summary>
    ActivationFailed,

    /// <summary>The directory could not register it.</summary>
    DirectoryFailure,

    /// <summary>Nobody called it for long.</summary>
    ActivationIdle,

    /// <summary>A request took longer than allowed.</summary>
    ActivationUnresponsive,

    /// <summary>Another activation won.</summary>
    DuplicateActivation,

    /// <summary>It cannot serve that interface version.</summary>
    IncompatibleRequest,

    /// <summary>An error of the application.</summary>
    ApplicationError,

    /// <summary>The application asked.</summary>
    ApplicationRequested,

    /// <summary>It moves to another silo.</summary>
    Migrating,

    /// <summary>The runtime asked.</summary>
    RuntimeRequested,

    /// <summary>The silo is short of memory.</summary>
    HighMemoryPressure,
}

/// <summary>Why an activation ends, in code and words.</summary>
public readonly struct DeactivationReason
{
    /// <summary>A reason without an exception.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text)
    {
    }

    /// <summary>A reason that an exception caused.</summary>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Description = text;
        Exception = exception;
    }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>The reason in words.</summary>
    public string Description { get; }

    /// <summary>What caused it, if something was thrown.</summary>
    public Exception? Exception { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description} ({Exception.Message})";
}
