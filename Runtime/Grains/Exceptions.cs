namespace Orleans.Runtime;

/// <summary>The base of what the runtime reports.</summary>
public class OrleansException : Exception
{
    /// <summary>An unexplained failure.</summary>
    public OrleansException() : base("Unexpected error.")
    {
    }

    /// <summary>A failure in words.</summary>
    public OrleansException(string message) : base(message)
    {
    }

    /// <summary>A failure with its cause.</summary>
    public OrleansException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}

/// <summary>A message was refused before it ran.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message)
    {
    }

    internal OrleansMessageRejectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The silo that had or would have had the request is gone.</summary>
public class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>No silo is there.</summary>
    public SiloUnavailableException() : base("The silo is not available.")
    {
    }

    /// <summary>No silo is there, in words.</summary>
    public SiloUnavailableException(string message) : base(message)
    {
    }

    /// <summary>No silo is there, with the cause.</summary>
    public SiloUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The client that held this observer has left.</summary>
public class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message) : base(message)
    {
    }
}

/// <summary>A bound was met, such as the length of a queue.</summary>
public class LimitExceededException : OrleansException
{
    /// <summary>The bound in words.</summary>
    public LimitExceededException(string message) : base(message)
    {
    }
}

/// <summary>The grain does not have that extension.</summary>
public class GrainExtensionNotInstalledException : OrleansException
{
    /// <summary>Which one, in words.</summary>
    public GrainExtensionNotInstalledException(string message) : base(message)
    {
    }
}

/// <summary>The configuration does not allow the host to start.</summary>
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>The fault in words.</summary>
    public OrleansConfigurationException(string message) : base(message)
    {
    }

    /// <summary>The fault with its cause.</summary>
    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>The grain that produced a stream of results is gone.</summary>
public sealed class EnumerationAbortedException : Exception
{
    /// <summary>Gone.</summary>
    public EnumerationAbortedException()
    {
    }

    /// <summary>Gone, in words.</summary>
    public EnumerationAbortedException(string message) : base(message)
    {
    }

    /// <summary>Gone, with the cause.</summary>
    public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
