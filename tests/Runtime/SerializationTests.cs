using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Serialization;
using Orleans.Storage;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

[GenerateSerializer, Alias("tests.RunKey")]
public readonly record struct RunKey(string Text);

[GenerateSerializer, Alias("tests.Colour")]
public enum Colour
{
    Red,
    Green,
    Blue = 300,
}

[GenerateSerializer, Immutable, Alias("tests.Move")]
public abstract record Move
{
    private Move()
    {
    }

    [GenerateSerializer, Immutable, Alias("tests.Move.Start")]
    public sealed record Start(RunKey Run, DateTimeOffset At) : Move;

    [GenerateSerializer, Immutable, Alias("tests.Move.Step")]
    public sealed record Step(ImmutableArray<string> Names, int? Count) : Move;

    [GenerateSerializer, Immutable, Alias("tests.Move.Stop")]
    public sealed record Stop : Move;
}

[GenerateSerializer, Alias("tests.BaseThing")]
public class BaseThing
{
    [Id(0)] private readonly string _secret;

    public BaseThing(string secret) => _secret = secret;

    [Id(1)] public int Number { get; init; }

    public string Secret => _secret;
}

[GenerateSerializer, Alias("tests.DerivedThing")]
public sealed class DerivedThing(string secret, Uri link) : BaseThing(secret)
{
    [Id(0)] public Uri Link { get; private set; } = link;

    [Id(1)] public required string Needed { get; init; }

    [NonSerialized] public int Skipped = 5;
}

[GenerateSerializer, Alias("tests.Mixed")]
public sealed record Mixed(string A, int B)
{
    [Id(0)] public string C { get; init; } = "";
}

[GenerateSerializer, Alias("tests.Pair`2")]
public sealed record Pair<TLeft, TRight>(TLeft Left, TRight Right);

[GenerateSerializer, Alias("tests.Everything")]
public sealed class Everything
{
    [Id(0)] public bool Bool { get; set; }
    [Id(1)] public byte Byte { get; set; }
    [Id(2)] public short Short { get; set; }
    [Id(3)] public long Long { get; set; }
    [Id(4)] public ulong ULong { get; set; }
    [Id(5)] public float Float { get; set; }
    [Id(6)] public double Double { get; set; }
    [Id(7)] public decimal Decimal { get; set; }
    [Id(8)] public char Char { get; set; }
    [Id(9)] public Guid Guid { get; set; }
    [Id(10)] public DateTime Utc { get; set; }
    [Id(11)] public DateTimeOffset Offset { get; set; }
    [Id(12)] public TimeSpan Span { get; set; }
    [Id(13)] public DateOnly Date { get; set; }
    [Id(14)] public TimeOnly Time { get; set; }
    [Id(15)] public Uri? Link { get; set; }
    [Id(17)] public byte[]? Bytes { get; set; }
    [Id(18)] public int[]? Ints { get; set; }
    [Id(19)] public Dictionary<string, List<int?>>? Nested { get; set; }
    [Id(20)] public ImmutableDictionary<RunKey, Colour>? Map { get; set; }
    [Id(21)] public ImmutableList<string>? Texts { get; set; }
    [Id(22)] public HashSet<Colour>? Colours { get; set; }
    [Id(23)] public (int Number, string Text) Tuple { get; set; }
    [Id(24)] public Tuple<int, string>? Boxed { get; set; }
    [Id(25)] public ImmutableArray<Move> Moves { get; set; }
    [Id(26)] public RunKey? Maybe { get; set; }
    [Id(27)] public Version? Version { get; set; }
    [Id(28)] public Queue<int>? Queue { get; set; }
    [Id(29)] public SortedDictionary<string, int>? Sorted { get; set; }
    [Id(30)] public Immutable<List<int>> Wrapped { get; set; }
    [Id(31)] public object? Any { get; set; }
}

public struct Foreign
{
    public int Hidden;
}

[GenerateSerializer, Alias("tests.ForeignSurrogate")]
public struct ForeignSurrogate
{
    [Id(0)] public int Shown;
}

[RegisterConverter]
public sealed class ForeignConverter : IConverter<Foreign, ForeignSurrogate>
{
    public Foreign ConvertFromSurrogate(in ForeignSurrogate surrogate) => new() { Hidden = surrogate.Shown };

    public ForeignSurrogate ConvertToSurrogate(in Foreign value) => new() { Shown = value.Hidden };
}

[GenerateSerializer, Alias("tests.NewForm")]
public sealed class NewForm
{
    [Id(0)] public string Name { get; set; } = "";
    [Id(1)] public List<Pair<int, string>> Added { get; set; } = [];
    [Id(2)] public Move? Move { get; set; }
    [Id(3)] public double Factor { get; set; } = 1;
}

[GenerateSerializer, Alias("tests.OldForm")]
public sealed class OldForm
{
    [Id(0)] public string Name { get; set; } = "";
    [Id(3)] public double Factor { get; set; } = 1;
}

public sealed class SerializationTests(SharedCluster shared)
{
    private Serializer Serializer => shared.Cluster.GetSiloServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void Every_kind_of_value_comes_back()
    {
        var value = new Everything
        {
            Bool = true, Byte = 200, Short = -3, Long = long.MinValue, ULong = ulong.MaxValue, Float = 1.5f,
            Double = -0.1, Decimal = 12345.6789m, Char = 'ß', Guid = Guid.NewGuid(),
            Utc = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            Offset = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), Span = TimeSpan.FromTicks(-7),
            Date = new DateOnly(2026, 2, 3), Time = new TimeOnly(4, 5), Link = new Uri("https://example.org/a?b"),
            Bytes = [1, 2], Ints = [3, -4],
            Nested = new() { ["a"] = [1, null], ["b"] = [] },
            Map = ImmutableDictionary<RunKey, Colour>.Empty.Add(new("r"), Colour.Blue), Texts = ["x", "y"],
            Colours = [Colour.Green, Colour.Red], Tuple = (4, "four"), Boxed = System.Tuple.Create(5, "five"),
            Moves = [new Move.Start(new("run"), DateTimeOffset.UnixEpoch), new Move.Step(["a"], null), new Move.Stop()],
            Maybe = new RunKey("m"), Version = new Version(1, 2), Queue = new([1, 2]), Sorted = new() { ["k"] = 1 },
            Wrapped = new List<int> { 9 }.AsImmutable(), Any = new Pair<int, string>(1, "one"),
        };
        var back = Again(value);
        Assert.Equal((value.Bool, value.Byte, value.Short, value.Long), (back.Bool, back.Byte, back.Short, back.Long));
        Assert.Equal((value.ULong, value.Float, value.Double), (back.ULong, back.Float, back.Double));
        Assert.Equal((value.Decimal, value.Char, value.Guid), (back.Decimal, back.Char, back.Guid));
        Assert.Equal((value.Utc, value.Utc.Kind, value.Span), (back.Utc, back.Utc.Kind, back.Span));
        Assert.Equal((value.Offset, value.Offset.Offset), (back.Offset, back.Offset.Offset));
        Assert.Equal((value.Date, value.Time, value.Link), (back.Date, back.Time, back.Link));
        Assert.Equal(value.Bytes, back.Bytes);
        Assert.Equal(value.Ints, back.Ints);
        Assert.Equal(value.Nested, back.Nested);
        Assert.Equal(value.Map, back.Map);
        Assert.Equal(value.Texts, back.Texts);
        Assert.Equal(value.Colours, back.Colours);
        Assert.Equal((value.Tuple, value.Boxed), (back.Tuple, back.Boxed));
        Assert.Equal(value.Moves[0], back.Moves[0]);
        Assert.Equal((1, (int?)null), (((Move.Step)back.Moves[1]).Names.Length, ((Move.Step)back.Moves[1]).Count));
        Assert.IsType<Move.Stop>(back.Moves[2]);
        Assert.Equal((value.Maybe, value.Version), (back.Maybe, back.Version));
        Assert.Equal(value.Queue, back.Queue!);
        Assert.Equal(value.Sorted, back.Sorted!);
        Assert.Equal(value.Wrapped.Value, back.Wrapped.Value);
        Assert.Equal(value.Any, back.Any);
    }

    [Fact]
    public void Absent_values_stay_absent()
    {
        var back = Again(new Everything());
        Assert.Null(back.Link);
        Assert.Null(back.Bytes);
        Assert.Null(back.Nested);
        Assert.Null(back.Maybe);
        Assert.Null(back.Any);
        Assert.True(back.Moves.IsDefault);
        Assert.Null(Again<Move?>(null));
    }

    [Fact]
    public void A_case_of_a_closed_hierarchy_is_told_by_its_base()
    {
        Assert.Equal(new Move.Start(new("a"), default), Again<Move>(new Move.Start(new("a"), default)));
        Assert.IsType<Move.Stop>(Again<Move>(new Move.Stop()));
    }

    [Fact]
    public void Private_readonly_and_required_members_of_all_levels_come_back()
    {
        var link = new Uri("a/b", UriKind.Relative);
        var value = new DerivedThing("secret", link) { Number = 4, Needed = "yes", Skipped = 9 };
        foreach (var back in new[] { Again(value), (DerivedThing)Again<BaseThing>(value) })
        {
            Assert.Equal(("secret", 4, "yes"), (back.Secret, back.Number, back.Needed));
            Assert.Equal("a/b", back.Link.OriginalString);
            Assert.NotEqual(9, back.Skipped);
        }
    }

    [Fact]
    public void Primary_constructor_members_and_others_do_not_share_ids()
    {
        Assert.Equal(new Mixed("a", 1) { C = "c" }, Again(new Mixed("a", 1) { C = "c" }));
    }

    [Fact]
    public void Generic_types_and_surrogates_come_back()
    {
        var pair = new Pair<List<int>, Pair<string, Colour>>([1], new("x", Colour.Blue));
        var back = Again(pair);
        Assert.Equal((pair.Left[0], pair.Right), (back.Left[0], back.Right));
        Assert.Equal(3, Again(new Foreign { Hidden = 3 }).Hidden);
    }

    [Fact]
    public void A_member_unknown_to_the_reader_is_stepped_over_and_an_absent_one_keeps_its_default()
    {
        var move = new Move.Step(["a", "b"], 3);
        var written = new NewForm { Name = "n", Added = [new(1, "x")], Move = move, Factor = 2 };
        var old = Serializer.Deserialize<OldForm>(Serializer.SerializeToArray(written));
        Assert.Equal(("n", 2.0), (old.Name, old.Factor));
        var back = Serializer.Deserialize<NewForm>(Serializer.SerializeToArray(new OldForm { Name = "o" }));
        Assert.Equal(("o", 0), (back.Name, back.Added.Count));
    }

    [Fact]
    public void A_copy_shares_nothing_that_can_change()
    {
        var copier = shared.Cluster.GetSiloServiceProvider().GetRequiredService<DeepCopier>();
        var value = new Everything { Nested = new() { ["a"] = [1] }, Any = new List<int> { 2 } };
        var copy = copier.Copy(value);
        value.Nested["a"].Add(5);
        ((List<int>)value.Any).Clear();
        Assert.Equal([1], copy.Nested!["a"]);
        Assert.Equal([2], (List<int>)copy.Any!);
    }

    [Fact]
    public void A_type_without_a_serializer_is_refused()
    {
        Assert.Throws<CodecNotFoundException>(() => Serializer.SerializeToArray(new List<NotSerializable>()));
    }

    [Fact]
    [Trait("category", "runtime-only")]
    public void Binary_data_comes_back()
    {
        Assert.Equal("data", Again(BinaryData.FromString("data")).ToString());
    }

    [Fact]
    [Trait("category", "runtime-only")]
    public void Damaged_bytes_end_in_a_serializer_exception()
    {
        var bytes = Serializer.SerializeToArray(new NewForm { Name = "name", Added = [new(1, "x")] });
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = bytes[..random.Next(1, bytes.Length + 1)];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Serializer.Deserialize<NewForm>(damaged);
            }
            catch (SerializerException)
            {
            }
        }
    }

    [Fact]
    public void The_storage_serializer_brings_states_back()
    {
        var storage = new OrleansGrainStorageSerializer(Serializer);
        var back = storage.Deserialize<Mixed>(storage.Serialize(new Mixed("a", 2)));
        Assert.Equal(new Mixed("a", 2), back);
    }

    private sealed class NotSerializable;

    private T Again<T>(T value) => Serializer.Deserialize<T>(Serializer.SerializeToArray(value));
}
