using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Channels;

/// <summary>A message as the lines of a mail. Its body is base64, so that no line of it can be too long, end the mail, or be taken for a
/// header; of what is put into headers everything that is no printable ASCII is encoded.</summary>
public static class MailText
{
    private const int SubjectMax = 200;
    /// <summary>Bytes of an encoded word: with what is around them no line has more than 76 characters.</summary>
    private const int WordBytes = 42;

    /// <param name="refused">Recipients whom the server does not take.</param>
    public static byte[] Of(Channel.Mail mail, ChannelMessage message, ImmutableArray<string> refused, DateTimeOffset at)
    {
        var head = new StringBuilder();
        Header(head, "From", mail.From);
        Header(head, "To", string.Join(", ", mail.To));
        Header(head, "Subject", Encoded(message.Subject));
        Header(head, "Date", at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        Header(head, "Message-ID", $"<{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Key)))[..40]}@orleansetl>");
        Header(head, "Auto-Submitted", "auto-generated");
        Header(head, "MIME-Version", "1.0");
        Header(head, "Content-Type", "text/plain; charset=utf-8");
        Header(head, "Content-Transfer-Encoding", "base64");
        var text = message.Text + (refused.IsEmpty ? "" : $"\n\nThe mail server does not take: {string.Join(", ", refused)}\n");
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), Base64FormattingOptions.InsertLineBreaks);
        return Encoding.ASCII.GetBytes($"{head}\r\n{body}");
    }

    private static void Header(StringBuilder head, string name, string value) =>
        head.Append(name).Append(": ").Append(value).Append("\r\n");

    private static string Encoded(string subject)
    {
        subject = Excerpt.Of(Printable.Of(subject.ReplaceLineEndings(" ")), SubjectMax);
        if (Ascii.IsValid(subject) && subject.Length < 60 && !subject.Contains("=?", StringComparison.Ordinal)) return subject;
        var words = new List<string>();
        var word = new List<byte>();
        foreach (var rune in subject.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (word.Count + bytes.Length > WordBytes) Flush();
            word.AddRange(bytes);
        }
        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }
}
