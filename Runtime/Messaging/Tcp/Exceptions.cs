using Orleans.Runtime.Messaging.Tcp;

namespace Orleans.Runtime.Messaging
{
    /// <summary>A client could not be connected to any gateway.</summary>
    public class ConnectionFailedException : OrleansException
    {
        /// <summary>Not connected, in words.</summary>
        public ConnectionFailedException(string message) : base(message)
        {
        }

        /// <summary>Not connected, with the cause.</summary>
        public ConnectionFailedException(string message, Exception? innerException) : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Runtime.Messaging.Tcp
{
    /// <summary>A message is larger than may be sent; the connection is none the worse for it.</summary>
    internal sealed class MessageTooLargeException(string message) : OrleansMessageRejectionException(message)
    {
        public static void Check(Letter letter, LinkSettings settings)
        {
            if (letter.Body.Length > settings.BodyBytesMax) throw Body(letter.Body.Length, settings);
            var header = letter.Target.Key.AsSpan().Length + letter.Target.Type.Value.AsSpan().Length;
            if (header <= settings.HeaderBytesMax - Frames.FixedHeaderBytesMax) return;
            throw new MessageTooLargeException(
                $"The id of the grain has {header} bytes; MessagingOptions.MaxMessageHeaderSize allows "
                + $"{settings.HeaderBytesMax} with the rest of the header.");
        }

        public static MessageTooLargeException Body(long bytes, LinkSettings settings) => new(
            $"The arguments or the result have {bytes} bytes; MessagingOptions.MaxMessageBodySize allows "
            + $"{settings.BodyBytesMax}. Pass large data by reference.");
    }
}
