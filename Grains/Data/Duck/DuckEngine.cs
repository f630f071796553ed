using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// The DuckDB instance of a process: in memory, bounded, and shut in. What no session can undo: files outside the
/// allowed folders, extensions, secrets and the network are out of reach, and the configuration is locked. User SQL is
/// checked besides apart; this is the second wall. Making one costs nothing; the library is loaded and the database
/// opened by the first session, or ahead of it by <see cref="Warm"/>.
/// </summary>
public sealed class DuckEngine : IDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly Lock _opening = new();
    private Opened? _opened;
    private int _users = 1;
    private int _disposed;

    public DuckEngine(DuckOptions options)
    {
        options.Check();
        Options = options;
        _places = new SemaphoreSlim(options.SessionsMax, options.SessionsMax);
    }

    public DuckOptions Options { get; }

    /// <summary>Opens on another thread, so that a program's start can go on meanwhile. What fails here shows again,
    /// and is tried again, with the first session.</summary>
    public Task Warm() => Task.Run(() =>
    {
        lock (_opening)
            if (_disposed == 0) Open();
    });

    /// <summary>A session, as soon as there is a place; those who wait are served in turn. Dispose it to give the place
    /// back.</summary>
    public async ValueTask<DuckSession> Rent(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        Interlocked.Increment(ref _users);
        try
        {
            var opened = Open();
            return new DuckSession(opened.Connect(), opened.Taps, opened.Feeds, Return);
        }
        catch
        {
            Return();
            throw;
        }
    }

    /// <summary>No more sessions; the database closes with the last one that is open.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Leave();
    }

    private void Return()
    {
        _places.Release();
        Leave();
    }

    private void Leave()
    {
        lock (_opening) // whoever warms it up finds it disposed of, or has opened what is closed here
            if (Interlocked.Decrement(ref _users) == 0) _opened?.Dispose();
    }

    private Opened Open()
    {
        lock (_opening) return _opened ??= Opened.Open(Options);
    }

    private sealed class Opened(DatabaseHandle database, TapBoard taps, FeedBoard feeds, SpillSlot spill) : IDisposable
    {
        public TapBoard Taps => taps;
        public FeedBoard Feeds => feeds;

        public static Opened Open(DuckOptions options)
        {
            DuckLibrary.EnsureLoaded();
            var spill = SpillSlot.Take(options.SpillFolder);
            var taps = new TapBoard(options.TapsMax);
            var feeds = new FeedBoard();
            DatabaseHandle? database = null;
            try
            {
                database = OpenDatabase(options, spill.Folder);
                var opened = new Opened(database, taps, feeds, spill);
                opened.ShutIn(options);
                return opened;
            }
            catch
            {
                database?.Dispose();
                taps.Dispose();
                feeds.Dispose();
                spill.Dispose();
                throw;
            }
        }

        private void ShutIn(DuckOptions options)
        {
            using var session = new DuckSession(Connect(), taps, feeds, () => { });
            session.RegisterFunctions();
            var folders = options.AllowedFolders.Append(options.ProgramsFolder)
                .Select(folder => Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar);
            // The bound of the spill folder is shown but not kept when it is given before opening. The lock comes last:
            // it is for good.
            session.Execute($"SET max_temp_directory_size = '{Sql.Number(options.SpillBytesMax)}B'; "
                + $"SET allowed_directories = {Sql.Texts(folders)}; SET enable_external_access = false; "
                + "SET lock_configuration = true;");
        }

        public ConnectionHandle Connect() => DuckNative.Connect(database, out var connection) == DuckNative.Success
            ? connection
            : throw new DuckException(DuckFault.Parse("A connection to the engine cannot be made."));

        public void Dispose()
        {
            database.Dispose();
            taps.Dispose();
            feeds.Dispose();
            spill.Dispose();
        }

        private static unsafe DatabaseHandle OpenDatabase(DuckOptions options, string spillFolder)
        {
            if (DuckNative.CreateConfig(out var config) != DuckNative.Success)
                throw new DuckException(DuckFault.Parse("The engine's configuration cannot be made."));
            try
            {
                foreach (var (name, value) in Settings(options, spillFolder))
                    if (DuckNative.SetConfig(config, name, value) != DuckNative.Success)
                        throw Refused($"{name} = {value} is refused.");
                if (DuckNative.OpenExt(null, out var database, config, out var error) == DuckNative.Success)
                    return database;
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
            ("allocator_flush_threshold", $"{Sql.Number(FlushBytes(options))}B"),
            ("allocator_bulk_deallocation_flush_threshold", $"{Sql.Number(FlushBytes(options))}B"),
            ("errors_as_json", "true"),
            ("autoload_known_extensions", "false"),
            ("autoinstall_known_extensions", "false"),
            ("allow_community_extensions", "false"),
            ("allow_persistent_secrets", "false"),
        ];

        /// <summary>How much freed memory the allocator may keep: little under a small budget, since it comes on
        /// top.</summary>
        private static long FlushBytes(DuckOptions options) =>
            Math.Clamp(options.MemoryBytes / 32, 8L << 20, 128L << 20);
    }
}
