using Orleans.Runtime;

namespace OrleansEtl.Client.Tests;

public class PatientCallsTests
{
    private static readonly Exception[] OfTheWay =
    [
        new SiloUnavailableException("gone"), new TimeoutException("late"),
        new FaultException(new Fault(FaultKind.Unavailable, "ETL4002", "The store is away.")),
        new FaultException(new Fault(FaultKind.Fenced, "ETL4212", "Another silo has it.")),
    ];

    private static PatientCalls Calls(RetrySettings? settings = null) => new(
        settings ?? new RetrySettings { Wait = TimeSpan.FromMilliseconds(1) }, TimeProvider.System, () => 1, () => "made");

    [Fact]
    public async Task Faults_of_the_way_are_tried_again()
    {
        var answer = await Calls().Ask(
            tries => tries < OfTheWay.Length ? Task.FromException<int>(OfTheWay[tries]) : Task.FromResult(tries), CancellationToken.None);
        Assert.Equal(OfTheWay.Length, answer);
    }

    [Fact]
    public async Task A_fault_of_the_wish_is_not_tried_again()
    {
        var asked = 0;
        var thrown = await Assert.ThrowsAsync<FaultException>(() => Calls().Ask<int>(_ =>
        {
            asked++;
            throw new FaultException(new Fault(FaultKind.Invalid, "ETL4001", "Wrong."));
        }, CancellationToken.None));
        Assert.Equal((1, "made"), (asked, thrown.Fault.Correlation));
    }

    [Fact]
    public async Task Patience_has_an_end_and_says_what_was_heard_last()
    {
        var calls = Calls(new RetrySettings { Patience = TimeSpan.FromMilliseconds(200), Wait = TimeSpan.FromMilliseconds(10) });
        var thrown = await Assert.ThrowsAsync<FaultException>(
            () => calls.Ask(_ => Task.FromException<int>(OfTheWay[0]), CancellationToken.None));
        Assert.Equal("ETL4601", thrown.Fault.Code);
        Assert.Contains("gone", thrown.Fault.Message);
    }

    [Fact]
    public async Task A_call_that_is_never_answered_ends_with_the_patience()
    {
        var calls = Calls(new RetrySettings { Patience = TimeSpan.FromMilliseconds(50) });
        var thrown = await Assert.ThrowsAsync<FaultException>(
            () => calls.Ask(_ => new TaskCompletionSource<int>().Task, CancellationToken.None));
        Assert.Equal("ETL4601", thrown.Fault.Code);
    }

    [Fact]
    public async Task Whoever_cancels_does_not_wait_for_the_next_try()
    {
        using var stop = new CancellationTokenSource();
        var calls = Calls(new RetrySettings { Wait = TimeSpan.FromSeconds(50), WaitMax = TimeSpan.FromSeconds(50) });
        var asking = calls.Ask(_ => Task.FromException<int>(OfTheWay[0]), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task Calls_carry_the_name_that_was_given_and_else_one_of_their_own()
    {
        Assert.Equal("made", await Calls().Ask(_ => Task.FromResult((string)RequestContext.Get(Correlation.Key)!), CancellationToken.None));
        using (Correlation.Use("job-17"))
            Assert.Equal("job-17", await Calls().Ask(_ => Task.FromResult(Correlation.Current!), CancellationToken.None));
        Assert.Null(Correlation.Current);
    }
}
