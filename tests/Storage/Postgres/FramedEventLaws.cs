using System.Collections.Immutable;

namespace OrleansEtl.Storage.Tests;

public sealed class FramedEventLaws
{
    [Fact]
    public void Events_of_any_length_come_out_as_they_went_in()
    {
        int[] lengths = [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152, 0, 3];
        ImmutableArray<byte[]> events = [.. lengths.Select((length, i) => Enumerable.Repeat((byte)i, length).ToArray())];
        var read = ImmutableArray.CreateBuilder<byte[]>();
        FramedEvents.Unpack(FramedEvents.Pack(events), read);
        Assert.Equal(events.Length, read.Count);
        Assert.All(events.Zip(read), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
    }

    [Theory]
    [InlineData(""), InlineData("plain"), InlineData("\0"), InlineData("\\"), InlineData("\\0"), InlineData("a\\\\0\0\\z\0")]
    public void Any_text_comes_back_from_its_stored_form_which_has_no_zero(string text)
    {
        Assert.DoesNotContain('\0', PostgresText.Stored(text));
        Assert.Equal(text, PostgresText.Said(PostgresText.Stored(text)));
    }
}
