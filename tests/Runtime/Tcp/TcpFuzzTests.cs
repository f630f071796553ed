using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Messaging.Tcp;
using Orleans.Serialization.Wire;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

/// <summary>Whatever bytes come in, before and after a caller has proved who it is, a silo goes on serving others.</summary>
[Trait("category", "runtime-only")]
public sealed class TcpFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly IPEndPoint _gateway = TcpGiven.FreeEndpoint();
    private readonly string _key = Signals.NewKey();
    private readonly LinkSettings _settings = new("default");
    private readonly int _seed = Random.Shared.Next();
    private IHost _silo = null!;
    private IHost _client = null!;

    public async ValueTask InitializeAsync()
    {
        output.WriteLine($"seed {_seed}");
        _silo = await TcpGiven.Silo(_gateway);
        _client = await TcpGiven.Client([_gateway]);
        await _client.Grain(_key).Add(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync();
        await _silo.StopAsync();
    }

    [Fact]
    public async Task Noise_instead_of_a_handshake_harms_nobody()
    {
        var random = new Random(_seed);
        for (var i = 0; i < 300; i++)
        {
            using var stream = Connect();
            var noise = new byte[random.Next(1, 3000)];
            random.NextBytes(noise);
            if (i % 2 == 0) BitConverter.TryWriteBytes(noise, (ushort)Math.Max(0, noise.Length - 2));
            Send(stream, noise);
        }

        Assert.Equal(2, await _client.Grain(_key).Add(1));
    }

    [Fact]
    public async Task A_handshake_with_a_few_wrong_bytes_lets_nobody_in()
    {
        var random = new Random(_seed);
        for (var i = 0; i < 300; i++)
        {
            using var stream = new Spoiled(Connect(), random);
            try
            {
                new Handshake(stream, _settings).Call(NewCaller(random), SiloAddress.Zero);
                Assert.False(stream.HasSpoiled);
            }
            catch (Exception error) when (error is IOException or Orleans.Serialization.SerializerException)
            {
                Assert.True(stream.HasSpoiled);
            }
        }

        Assert.Equal(2, await _client.Grain(_key).Add(1));
    }

    [Fact]
    public async Task Spoiled_frames_of_a_known_client_break_its_connection_at_most()
    {
        var random = new Random(_seed);
        var good = GoodFrame(random);
        for (var i = 0; i < 150; i++)
        {
            using var stream = Connect();
            new Handshake(stream, _settings).Call(NewCaller(random), SiloAddress.Zero);
            for (var n = 0; n < 40; n++)
            {
                var frame = good.ToArray();
                for (var left = random.Next(1, 6); left > 0; left--)
                {
                    // Lengths are spoiled now and then only: the rest of the frame would not be looked at.
                    var from = random.Next(10) == 0 ? 0 : Frames.PrefixBytes;
                    frame[random.Next(from, frame.Length)] = (byte)random.Next(256);
                }

                if (!Send(stream, random.Next(20) == 0 ? frame[..random.Next(frame.Length)] : frame)) break;
            }
        }

        Assert.Equal(2, await _client.Grain(_key).Add(1));
    }

    [Fact]
    public async Task A_body_that_names_a_type_of_its_choice_is_answered_with_an_error()
    {
        var owner = new NoOwner();
        var connection = await Opening.Call(
            _gateway, NewCaller(new Random(_seed)), SiloAddress.Zero, _settings, owner);
        connection.Start();
        foreach (var name in (string[])["System.Diagnostics.Process", "System.IO.FileInfo", "System.String", "no.such"])
        {
            using var body = new WireWriter();
            body.Null();
            body.Null();
            body.Text(name);
            body.BeginObject();
            body.EndObject();
            Assert.True(connection.TrySend(
                new(LetterKind.Request, connection.Here, connection.Other, 5, _client.Grain(_key).GetGrainId(),
                    body.ToArray())));
            Assert.True(owner.Letters.TryTake(out var answer, TimeSpan.FromSeconds(5)));
            Assert.Equal((LetterKind.Error, 5), (answer.Kind, answer.CallId));
        }

        Assert.False(connection.IsClosed);
        connection.Close("seen");
    }

    [Fact]
    public async Task A_client_cannot_speak_for_another()
    {
        var random = new Random(_seed);
        var connection = await Opening.Call(_gateway, NewCaller(random), SiloAddress.Zero, _settings, new NoOwner());
        connection.Start();
        connection.TrySend(new(LetterKind.Cancel, NewCaller(random), connection.Other, 1, default, []));
        while (!connection.IsClosed) await Task.Delay(5);
        Assert.Equal(2, await _client.Grain(_key).Add(1));
    }

    private static SiloAddress NewCaller(Random random) =>
        SiloAddress.New(IPAddress.Loopback, random.Next(1, 65_000), -random.Next(1, int.MaxValue));

    private static Type EchoRequest { get; } = typeof(IFarGrain).Assembly.GetTypes().First(type =>
        typeof(Request).IsAssignableFrom(type) && !type.IsAbstract && !type.ContainsGenericParameters
        && ((Request)Activator.CreateInstance(type)!).Shape is { MethodName: nameof(IFarGrain.Echo) } shape
        && shape.InterfaceType == typeof(IFarGrain));

    private byte[] GoodFrame(Random random)
    {
        var here = NewCaller(random);
        using var body = new WireWriter();
        body.Null();
        body.Null();
        body.Text(Orleans.Serialization.TypeNames.Of(EchoRequest));
        body.BeginObject();
        for (var i = 0u; i < 4; i++)
        {
            body.Member(i);
            body.Shape(WireShape.Bytes);
            body.Bytes([1, 2, 3, 4]);
        }

        body.EndObject();
        using var frame = new WireWriter();
        var letter = new Letter(LetterKind.Request, here, _silo.Address(), 77, _client.Grain("fuzz").GetGrainId(),
            body.ToArray()) { SecondsLeft = 30, Forwards = 1 };
        Frames.Write(frame, letter, here, _silo.Address(), withBody: true);
        return frame.ToArray();
    }

    private SocketStream Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_gateway);
        return new(socket);
    }

    private static bool Send(Stream stream, byte[] bytes)
    {
        try
        {
            stream.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Changes bits of what is written, about once in a handshake.</summary>
    private sealed class Spoiled(Stream inner, Random random) : Stream
    {
        public bool HasSpoiled { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => inner.Read(buffer);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var bytes = buffer.ToArray();
            if (random.Next(2) == 0)
            {
                // Not the length: the other end would wait for the rest.
                bytes[random.Next(2, bytes.Length)] ^= (byte)(1 << random.Next(8));
                HasSpoiled = true;
            }

            inner.Write(bytes);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
        }
    }
}
