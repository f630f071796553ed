namespace OrleansEtl.Storage;

/// <summary>The state of a grain that time alone gives something to do. When it is written its time is stored with it, and whoever sweeps
/// the store wakes the grain then, whatever became of the silo where it was.</summary>
public interface IDueState
{
    /// <summary>Null: not until somebody calls the grain.</summary>
    DateTimeOffset? DueAt { get; }
}
