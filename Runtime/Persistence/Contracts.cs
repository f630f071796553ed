using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace Orleans.Core
{
    /// <summary>A state that can be read, written and cleared.</summary>
    public interface IStorage
    {
        /// <summary>What the next write is conditional on.</summary>
        string? Etag { get; }

        /// <summary>Whether the store has a record.</summary>
        bool RecordExists { get; }

        /// <summary>Clears the state.</summary>
        Task ClearStateAsync();

        /// <summary>Writes the state.</summary>
        Task WriteStateAsync();

        /// <summary>Reads the state.</summary>
        Task ReadStateAsync();

        /// <inheritdoc cref="ClearStateAsync()"/>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

        /// <inheritdoc cref="WriteStateAsync()"/>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <inheritdoc cref="ReadStateAsync()"/>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
    }

    /// <summary>A state of one type.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state.</summary>
        TState State { get; set; }
    }
}

namespace Orleans
{
    /// <summary>What a provider reads into and writes from.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T State { get; set; }

        /// <summary>What the next write is conditional on; null = no record.</summary>
        string ETag { get; set; }

        /// <summary>Whether the store has a record.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state with its etag.</summary>
    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>Nothing yet.</summary>
        public GrainState()
        {
        }

        /// <summary>A state without a record.</summary>
        public GrainState(T state) => State = state;

        /// <summary>A state of a record.</summary>
        public GrainState(T state, string eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        [Id(0)]
        public T State { get; set; } = default!;

        /// <inheritdoc/>
        [Id(1)]
        public string ETag { get; set; } = null!;

        /// <inheritdoc/>
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Runtime
{
    using Orleans.Core;

    /// <summary>A named state of a grain, read before it activates.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Names of a state and its provider.</summary>
    public interface IPersistentStateConfiguration
    {
        /// <summary>The name of the state.</summary>
        string? StateName { get; }

        /// <summary>The name of the provider; null = the default one.</summary>
        string? StorageName { get; }
    }

    /// <summary>Makes persistent states.</summary>
    public interface IPersistentStateFactory
    {
        /// <summary>Makes one for an activation that is being made.</summary>
        IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config);
    }
}

namespace Orleans.Storage
{
    using Orleans.Runtime;

    /// <summary>Keeps the states of grains. Writes are conditional on the etag.</summary>
    public interface IGrainStorage
    {
        /// <summary>Sets state, etag and whether there is a record.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes if the etag still holds; else <see cref="InconsistentStateException"/>.</summary>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Clears if the etag still holds; else <see cref="InconsistentStateException"/>.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }

    /// <summary>The state in the store is not the one that the writer knew.</summary>
    public class InconsistentStateException : OrleansException
    {
        /// <summary>Unexplained.</summary>
        public InconsistentStateException()
        {
        }

        /// <summary>In words.</summary>
        public InconsistentStateException(string msg) : base(msg)
        {
        }

        /// <summary>With the cause.</summary>
        public InconsistentStateException(string msg, Exception exc) : base(msg, exc)
        {
        }

        /// <summary>With both etags.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : base(Describe(errorMsg, storedEtag, currentEtag)) =>
            (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        /// <summary>With both etags and the cause.</summary>
        public InconsistentStateException(
            string errorMsg, string? storedEtag, string? currentEtag, Exception storageException)
            : base(Describe(errorMsg, storedEtag, currentEtag), storageException) =>
            (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        /// <summary>With both etags and the cause.</summary>
        public InconsistentStateException(string? storedEtag, string? currentEtag, Exception storageException)
            : this(storageException.Message, storedEtag, currentEtag, storageException)
        {
        }

        /// <summary>What the store holds.</summary>
        public string? StoredEtag { get; private set; }

        /// <summary>What the writer thought.</summary>
        public string? CurrentEtag { get; private set; }

        /// <summary>Has not yet left the activation that raised it.</summary>
        internal bool IsFresh { get; set; } = true;

        internal void WriteEtags(WireWriter writer)
        {
            writer.Member(0);
            CodecTable.Of<string>().Write(writer, StoredEtag!);
            writer.Member(1);
            CodecTable.Of<string>().Write(writer, CurrentEtag!);
        }

        internal bool ReadEtags(ref WireReader reader)
        {
            IsFresh = false;
            while (true)
            {
                switch (reader.Member())
                {
                    case 0: StoredEtag = CodecTable.Of<string>().Read(ref reader); break;
                    case 1: CurrentEtag = CodecTable.Of<string>().Read(ref reader); break;
                    case -1: return true;
                    case -2: return false;
                    default: reader.Skip(); break;
                }
            }
        }

        private static string Describe(string message, string? stored, string? current) =>
            $"{message} Stored etag: {stored ?? "none"}; expected: {current ?? "none"}.";
    }

    /// <summary>There is no provider of that name.</summary>
    public class BadProviderConfigException : OrleansException
    {
        /// <summary>Unexplained.</summary>
        public BadProviderConfigException()
        {
        }

        /// <summary>In words.</summary>
        public BadProviderConfigException(string msg) : base(msg)
        {
        }

        /// <summary>With the cause.</summary>
        public BadProviderConfigException(string msg, Exception exc) : base(msg, exc)
        {
        }
    }

    /// <summary>States to bytes and back.</summary>
    public interface IGrainStorageSerializer
    {
        /// <summary>Writes.</summary>
        BinaryData Serialize<T>(T? input);

        /// <summary>Reads.</summary>
        T? Deserialize<T>(BinaryData input);
    }

    /// <summary>Options of a provider that serialises states.</summary>
    public interface IStorageProviderSerializerOptions
    {
        /// <summary>The serialiser.</summary>
        IGrainStorageSerializer GrainStorageSerializer { get; set; }
    }

    /// <summary>States in the same form as messages.</summary>
    public class OrleansGrainStorageSerializer(Serialization.Serializer serializer) : IGrainStorageSerializer
    {
        /// <inheritdoc/>
        public BinaryData Serialize<T>(T? value) => new(serializer.SerializeToArray(value));

        /// <inheritdoc/>
        public T? Deserialize<T>(BinaryData input) => serializer.Deserialize<T>(input.ToMemory());
    }
}
