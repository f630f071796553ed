namespace OrleansEtl.Client;

/// <summary>An embedded home that this process can drive as a whole.</summary>
public interface IHome : IEtl
{
    /// <summary>Whether a process drives it: runs its schedules, and takes up runs that nobody drives.</summary>
    bool IsDriven { get; }

    /// <summary>Drives it until it is cancelled.</summary>
    /// <param name="took">Is told of the runs that are taken up.</param>
    /// <exception cref="FaultException">Conflict: another process drives it.</exception>
    Task Drive(Action<RunId> took, CancellationToken cancellation);
}
