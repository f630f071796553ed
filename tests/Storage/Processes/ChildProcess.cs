using System.Diagnostics;
using System.Globalization;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What this program does when a test starts it a second time.</summary>
internal static class ChildProcess
{
    public const string Appends = "child-appends", Contends = "child-contends";
    public const int Runs = 8, EventsOfAnAppend = 3;

    /// <summary>Appends to several runs at once for ever, and says each version that was acknowledged.</summary>
    public static async Task<int> AppendUntilKilled(string path, string firstRun)
    {
        await using var store = EmbeddedStore.Open(path, TimeProvider.System);
        var first = int.Parse(firstRun, CultureInfo.InvariantCulture);
        await Task.WhenAll(Enumerable.Range(first, Runs).Select(number => Task.Run(() => AppendTo(store, number))));
        return 0;
    }

    private static async Task AppendTo(EmbeddedStore store, int number)
    {
        var run = Run(number);
        for (var version = 0; ; version += EventsOfAnAppend)
        {
            var after = version + EventsOfAnAppend;
            var append = Append(run, version, [.. Enumerable.Range(version + 1, EventsOfAnAppend).Select(seq => $"{number}.{seq}")]) with
            {
                Row = Row(run) with { StepsDone = after },
                Steps = [Step(run, "load", 0) with { Attempts = after }],
                Published = [Dataset(run, $"out {number}", after.ToString(CultureInfo.InvariantCulture))],
                WakeAt = Noon.AddSeconds(after),
            };
            if (await store.Journal.Append(append, default) is not AppendOutcome.Stored stored) return;
            Console.WriteLine($"{number} {stored.Version}");
        }
    }

    /// <summary>Appends so many events to one run that others write to as well, reading again whenever it is fenced.</summary>
    public static async Task<int> Contend(string path, string run, int count)
    {
        await using var store = EmbeddedStore.Open(path, TimeProvider.System);
        var id = new RunId(run);
        for (var i = 0; i < count;)
        {
            var version = (await store.Journal.Read(id, default))?.Version ?? 0;
            var name = $"{Environment.ProcessId}.{i}";
            if (await store.Journal.Append(Append(id, version, name), default) is AppendOutcome.Stored) i++;
        }
        Console.WriteLine(Environment.ProcessId);
        return 0;
    }

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // dotnet run starts the built program itself; dotnet exec has the assembly as its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(Given).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
