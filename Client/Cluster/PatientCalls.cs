using Orleans.Runtime;

namespace OrleansEtl.Client;

/// <summary>
/// Calls that may be repeated, and are, while the cluster cannot answer. Everything that goes through here is safe to do twice: reads
/// are, and a start, a cancel and a resume name their run. Each call carries a correlation, and the fault that it ends with does too.
/// </summary>
/// <param name="chance">From 0 to 1: spreads the tries of many clients.</param>
/// <param name="newName">Makes correlations.</param>
internal sealed class PatientCalls(RetrySettings settings, TimeProvider clock, Func<double> chance, Func<string> newName)
{
    /// <param name="call">Given the number of the try, from 0.</param>
    /// <exception cref="FaultException">What the cluster answered; or ETL4601: it did not answer.</exception>
    public async Task<T> Ask<T>(Func<int, Task<T>> call, CancellationToken cancellation)
    {
        using var made = Correlation.Current is null ? Correlation.Use(newName()) : null;
        var correlation = Correlation.Current!;
        var begun = clock.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            var left = settings.Patience - clock.GetElapsedTime(begun);
            try
            {
                return await call(tries).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, cancellation);
            }
            catch (Exception e) when (MayHeal(e))
            {
                var wait = Wait(tries);
                if (clock.GetElapsedTime(begun) + wait > settings.Patience) throw Unanswered(e, tries + 1, correlation);
                await Task.Delay(wait, clock, cancellation);
            }
            catch (FaultException e)
            {
                throw new FaultException(e.Fault with { Correlation = correlation });
            }
        }
    }

    /// <summary>For what is answered otherwise when it is said twice: whether an earlier try may have been heard.</summary>
    public async Task<(T Answer, bool WasRepeated)> AskNoting<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        var tries = 0;
        var answer = await Ask(number =>
        {
            tries = number;
            return call();
        }, cancellation);
        return (answer, tries > 0);
    }

    /// <summary>Faults of the way, not of the wish: a silo that died or is busy, a store that is away, a grain that lost its run to
    /// another silo and reads it anew.</summary>
    private static bool MayHeal(Exception e) => e switch
    {
        FaultException { Fault.Kind: FaultKind.Unavailable or FaultKind.Fenced } => true,
        TimeoutException or OrleansException => true,
        _ => false,
    };

    private TimeSpan Wait(int tries)
    {
        var most = settings.Wait * Math.Pow(2, Math.Min(tries, 20));
        if (most > settings.WaitMax) most = settings.WaitMax;
        return most * (0.5 + 0.5 * chance());
    }

    private FaultException Unanswered(Exception last, int tries, string correlation) => new(new Fault(
        FaultKind.Unavailable, "ETL4601",
        $"The cluster did not answer within {settings.Patience.TotalSeconds:0} s, in {tries} tries; the last said: {Said(last)}",
        Hint: "See whether its silos run: etl silos. What was asked may have happened; asking again is safe.",
        Correlation: correlation));

    private static string Said(Exception last) => last is FaultException { Fault: var fault } ? fault.ToString() : last.Message;
}
