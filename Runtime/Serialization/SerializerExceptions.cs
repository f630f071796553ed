namespace Orleans.Serialization;

/// <summary>A value could not be written, read or copied.</summary>
public class SerializerException : Exception
{
    /// <summary>The fault in words.</summary>
    public SerializerException(string message) : base(message)
    {
    }

    /// <summary>The fault with its cause.</summary>
    public SerializerException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>There is no serializer for a type.</summary>
public sealed class CodecNotFoundException : SerializerException
{
    /// <summary>The fault in words.</summary>
    public CodecNotFoundException(string message) : base(message)
    {
    }

    internal CodecNotFoundException(Type type)
        : base($"Could not find a codec for type {type}. Give it [GenerateSerializer].")
    {
    }
}

/// <summary>Stands for an exception whose type does not exist here.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    internal UnavailableExceptionFallbackException(string exceptionType, string message) : base(message) =>
        ExceptionType = exceptionType;

    /// <summary>The name of the type that was thrown.</summary>
    public string ExceptionType { get; }

    /// <summary>What else was known about it.</summary>
    public Dictionary<string, object> Properties { get; } = [];
}
