using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Grains live on silos of their role.</summary>
public sealed class RoleLaws
{
    [Fact]
    public async Task Runs_live_on_control_silos_and_steps_on_data_silos()
    {
        await using var cluster = await Cluster.Start(silos: 4, name: number => number % 2 == 0 ? $"control.h-{number}" : $"data.h-{number}");
        var data = cluster.Silos.Silos.Where(silo => cluster.Name(silo).StartsWith("data")).Select(silo => silo.SiloAddress).ToHashSet();
        for (var run = 0; run < 8; run++)
        {
            var go = new TaskCompletionSource();
            cluster.Runner.On("a", async (work, _) =>
            {
                await go.Task;
                return ScriptedRunner.Succeeded(work);
            });
            await cluster.Run(Given.Other(run)).Tell(Given.Pipeline("a", "b", "c"));
            Assert.DoesNotContain((await cluster.Driver(Given.Other(run))).SiloAddress, data);
            go.SetResult();
            await cluster.Ended(Given.Other(run));
        }
        Assert.NotEmpty(cluster.Runner.Places);
        Assert.All(cluster.Runner.Places.Values, place => Assert.Contains(place, data));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Without_a_silo_of_the_role_the_fault_says_what_to_start_and_a_new_silo_is_enough(short silos)
    {
        await using var cluster = await Cluster.Start(
            silos, Cluster.NoPatience, name: number => number < silos ? $"control.h-{number}" : $"data.h-{number}");
        var step = cluster.Silos.Client!.GetGrain<IStepGrain>($"{Given.Run}/0");
        var fault = (await Assert.ThrowsAsync<FaultException>(() => step.Holds(new Attempt(1)))).Fault;
        Assert.Equal(("ETL4250", FaultKind.Unavailable), (fault.Code, fault.Kind));
        Assert.Contains("etl silo --roles data", fault.Hint);

        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        Assert.Empty(cluster.Runner.Ran);
        await cluster.Silos.StartAdditionalSiloAsync();
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    [Theory]
    [InlineData("control.host-1-ab", true, false)]
    [InlineData("data.host-1-ab", false, true)]
    [InlineData("control+data.host-1-ab", true, true)]
    [InlineData("Silo_1", true, true)]
    [InlineData("my.silo", true, true)]
    public void A_name_tells_the_roles_and_one_that_tells_none_means_all(string name, bool control, bool data) =>
        Assert.Equal((control, data), (SiloRoles.Has(name, SiloRoles.Control), SiloRoles.Has(name, SiloRoles.Data)));
}
