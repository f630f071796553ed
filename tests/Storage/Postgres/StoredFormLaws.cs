using System.Collections.Immutable;

namespace OrleansEtl.Storage.Tests;

public sealed class StoredFormLaws
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

    [Fact]
    public void Step_rows_come_out_as_they_went_in()
    {
        StepRow[] steps =
        [
            .. Enum.GetValues<StepStatus>().Select((status, i) => Given.Step(Given.Run(1), $"step{i}", i * 1_000, status)),
            new(Given.Run(1), new StepId("full"), 7, "load.csv", StepStatus.Failed, 300, Given.Noon, Given.Noon.AddDays(1), 0,
                long.MaxValue - 1, 12, "ETL2001"),
        ];
        Assert.Equal(steps, PackedSteps.Unpack(Given.Run(1), PackedSteps.Pack([.. steps])!));
        Assert.Null(PackedSteps.Pack([]));
    }

    [Theory]
    [InlineData(""), InlineData("plain"), InlineData("\0"), InlineData("\\"), InlineData("\\0"), InlineData("a\\\\0\0\\z\0")]
    public void Any_text_comes_back_from_its_stored_form_which_has_no_zero(string text)
    {
        Assert.DoesNotContain('\0', PostgresText.Stored(text));
        Assert.Equal(text, PostgresText.Said(PostgresText.Stored(text)));
    }
}
