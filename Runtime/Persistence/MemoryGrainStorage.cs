using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Concurrency;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Configuration
{
    /// <summary>Storage in the memory of the cluster.</summary>
    public class MemoryGrainStorageOptions : IStorageProviderSerializerOptions
    {
        /// <summary>Over how many grains the states are spread.</summary>
        public int NumStorageGrains { get; set; } = 10;

        /// <summary>When it starts.</summary>
        public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

        /// <inheritdoc/>
        public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
    }
}

namespace Orleans.Storage
{
    /// <summary>Holds a share of the states of one provider.</summary>
    internal interface IMemoryStorageGrain : IGrainWithStringKey
    {
        [return: Immutable]
        Task<StoredState?> Read(string key);

        /// <summary>The etag that the store holds; the write happened if it is the new one.</summary>
        Task<string?> Write(string key, [Immutable] StoredState? state, string? expected);
    }

    [GenerateSerializer, Immutable]
    internal sealed record StoredState(byte[] Bytes, string Etag);

    [KeepAlive]
    internal sealed class MemoryStorageGrain : Grain, IMemoryStorageGrain
    {
        private readonly Dictionary<string, StoredState> _states = new(StringComparer.Ordinal);

        // A grain whose silo has died begins empty; until its first write it accepts any etag.
        public Task<StoredState?> Read(string key) => Task.FromResult(_states.GetValueOrDefault(key));

        public Task<string?> Write(string key, StoredState? state, string? expected)
        {
            var current = _states.GetValueOrDefault(key)?.Etag;
            if (current != expected && (current is not null || _states.Count > 0 || expected is null))
                return Task.FromResult(current);
            if (state is null) _states.Remove(key);
            else _states[key] = state;
            return Task.FromResult(state?.Etag);
        }
    }

    internal sealed class MemoryGrainStorage(
        string name, MemoryGrainStorageOptions options, IGrainFactory grains, IGrainStorageSerializer serializer)
        : IGrainStorage
    {
        public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var key = Key(stateName, grainId);
            if (await Share(key).Read(key) is { } stored)
            {
                grainState.State = serializer.Deserialize<T>(new BinaryData(stored.Bytes))!;
                grainState.ETag = stored.Etag;
                grainState.RecordExists = true;
            }
            else
            {
                Reset(grainState);
            }
        }

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var key = Key(stateName, grainId);
            var etag = SequentialGuid.Next().ToString();
            var bytes = serializer.Serialize(grainState.State).ToArray();
            var held = await Share(key).Write(key, new StoredState(bytes, etag), grainState.ETag);
            if (held != etag) throw Conflict(grainId, held, grainState.ETag);
            grainState.ETag = etag;
            grainState.RecordExists = true;
        }

        public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var key = Key(stateName, grainId);
            var held = await Share(key).Write(key, null, grainState.ETag);
            if (held is not null) throw Conflict(grainId, held, grainState.ETag);
            Reset(grainState);
        }

        private static void Reset<T>(IGrainState<T> grainState)
        {
            var constructor = typeof(T).GetConstructor(Type.EmptyTypes);
            grainState.State = constructor is null ? default! : Activator.CreateInstance<T>();
            grainState.ETag = null!;
            grainState.RecordExists = false;
        }

        private static InconsistentStateException Conflict(GrainId grainId, string? stored, string? current) =>
            new($"The state of {grainId} was written by another.", stored, current);

        private IMemoryStorageGrain Share(string key)
        {
            var share = StableHash.Of(System.Text.Encoding.UTF8.GetBytes(key)) % (uint)options.NumStorageGrains;
            return grains.GetGrain<IMemoryStorageGrain>(string.Create(CultureInfo.InvariantCulture, $"{name}/{share}"));
        }

        private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";
    }
}

namespace Orleans.Hosting
{
    /// <summary>Adds storage in memory.</summary>
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        /// <summary>A provider of that name.</summary>
        public static ISiloBuilder AddMemoryGrainStorage(
            this ISiloBuilder builder, string name, Action<MemoryGrainStorageOptions>? configureOptions = null) =>
            builder.AddMemoryGrainStorage(name, (OptionsBuilder<MemoryGrainStorageOptions> options) =>
            {
                if (configureOptions is not null) options.Configure(configureOptions);
            });

        /// <inheritdoc cref="AddMemoryGrainStorage(ISiloBuilder, string, Action{MemoryGrainStorageOptions})"/>
        public static ISiloBuilder AddMemoryGrainStorage(
            this ISiloBuilder builder, string name, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions)
        {
            configureOptions?.Invoke(builder.Services.AddOptions<MemoryGrainStorageOptions>(name));
            builder.Services.AddGrainStorage(name, static (services, key) =>
            {
                var options = services.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(key);
                var serializer = options.GrainStorageSerializer
                    ?? services.GetKeyedService<IGrainStorageSerializer>(key)
                    ?? services.GetRequiredService<IGrainStorageSerializer>();
                return new MemoryGrainStorage(key, options, services.GetRequiredService<IGrainFactory>(), serializer);
            });
            return builder;
        }

        /// <summary>The provider that is used when none is named.</summary>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(
            this ISiloBuilder builder, Action<MemoryGrainStorageOptions>? configureOptions = null) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

        /// <inheritdoc cref="AddMemoryGrainStorageAsDefault(ISiloBuilder, Action{MemoryGrainStorageOptions})"/>
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(
            this ISiloBuilder builder, Action<OptionsBuilder<MemoryGrainStorageOptions>>? configureOptions) =>
            builder.AddMemoryGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);
    }
}
