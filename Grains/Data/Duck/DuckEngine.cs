using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// The DuckDB instance of a process: in memory, bounded, and shut in. What no session can undo: files outside the allowed folders,
/// extensions, secrets and the network are out of reach, and the configuration is locked. User SQL is checked besides
/// apart; this is the second wall.
/// Making one costs nothing; the library is loaded and the database opened by the first session, or ahead of it by <see cref="Warm"/>.
/// </summary>
public sealed class DuckEngine : IDisposable
{
    private readonly DuckOptions _options;
    private readonly Lazy<Opened> _opened;
    private readonly SemaphoreSlim _places;
    private int _disposed;

    public DuckEngine(DuckOptions options)
    {
        options.Check();
        _options = options;
        _places = new SemaphoreSlim(options.SessionsMax, options.SessionsMax);
        _opened = new Lazy<Opened>(() => Opened.Open(options), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    public DuckOptions Options => _options;

    /// <summary>Opens on another thread, so that a program's start can go on meanwhile. A failure shows again at the first session.</summary>
    public Task Warm() => Task.Run(() => _opened.Value);

    /// <summary>A session, as soon as there is a place; those who wait are served in turn. Dispose it to give the place back.</summary>
    public async ValueTask<DuckSession> Rent(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return new DuckSession(_opened.Value.Connect(), _opened.Value.Taps, () => _places.Release());
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    /// <summary>Closes the database once the last session is closed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0 || !_opened.IsValueCreated) return;
        for (var place = 0; place < _options.SessionsMax; place++) _places.Wait();
        _opened.Value.Dispose();
    }

    private sealed class Opened(DatabaseHandle database, TapBoard taps, SpillSlot spill) : IDisposable
    {
        public TapBoard Taps => taps;

        public static Opened Open(DuckOptions options)
        {
            DuckLibrary.EnsureLoaded();
            var spill = SpillSlot.Take(options.SpillFolder);
            var taps = new TapBoard(options.TapsMax);
            var opened = new Opened(OpenDatabase(options, spill.Folder), taps, spill);
            using var connection = opened.Connect();
            taps.Register(connection);
            var folders = options.AllowedFolders.Select(folder => Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar);
            using var session = new DuckSession(connection, taps, () => { });
            // The bound of the spill folder is shown but not kept when it is given before opening. The lock comes last: it is for good.
            session.Execute($"SET max_temp_directory_size = '{Sql.Number(options.SpillBytesMax)}B'; "
                + $"SET allowed_directories = {Sql.Texts(folders)}; SET enable_external_access = false; SET lock_configuration = true;");
            return opened;
        }

        public ConnectionHandle Connect() => DuckNative.Connect(database, out var connection) == DuckNative.Success
            ? connection
            : throw new DuckException(DuckFault.Parse("A connection to the engine cannot be made."));

        public void Dispose()
        {
            database.Dispose();
            taps.Dispose();
            spill.Dispose();
        }

        private static unsafe DatabaseHandle OpenDatabase(DuckOptions options, string spillFolder)
        {
            if (DuckNative.CreateConfig(out var config) != DuckNative.Success)
                throw new DuckException(DuckFault.Parse("The engine's configuration cannot be made."));
            try
            {
                foreach (var (name, value) in Settings(options, spillFolder))
                    if (DuckNative.SetConfig(config, name, value) != DuckNative.Success) throw Refused($"{name} = {value} is refused.");
                if (DuckNative.OpenExt(null, out var database, config, out var error) == DuckNative.Success) return database;
                throw Refused(DuckFault.Parse(DuckNative.Owned((byte*)error)).Message);
            }
            finally
            {
                DuckNative.DestroyConfig(ref config);
            }
        }

        private static FaultException Refused(string why) =>
            new(new Fault(FaultKind.Invalid, DataCodes.EngineSettings, $"The engine does not open: {why}"));

        private static IEnumerable<(string Name, string Value)> Settings(DuckOptions options, string spillFolder) =>
        [
            ("memory_limit", $"{Sql.Number(options.MemoryBytes)}B"),
            ("threads", Sql.Number(options.Threads)),
            ("temp_directory", spillFolder),
            ("preserve_insertion_order", options.KeepsFileOrder ? "true" : "false"),
            ("errors_as_json", "true"),
            ("autoload_known_extensions", "false"),
            ("autoinstall_known_extensions", "false"),
            ("allow_community_extensions", "false"),
            ("allow_persistent_secrets", "false"),
        ];
    }
}
