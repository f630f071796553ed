using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>A trigger that is shown one thing after another; times are seconds after <see cref="Given.Noon"/>.</summary>
internal sealed class Watch
{
    public static readonly TriggerId Id = new("orders/inbox");
    public static readonly TriggerSource.OfFile OnFiles = new("in/*.csv", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
    public static readonly TriggerBounds Small = TriggerBounds.Default with { FilesMax = 8, StartsMax = 4, BatchMax = 3, DepthMax = 3 };

    public Watch(TriggerSource? on = null) => Tell(0, new TriggerCommand.Put(Id, new TriggerSpec(on ?? OnFiles, "orders"), false));

    public Trigger Trigger { get; set; } = Trigger.None;

    public static DateTimeOffset At(double second) => Given.Noon.AddSeconds(second);

    public string Tell(double second, TriggerCommand command)
    {
        var before = Trigger.Starting;
        switch (Trigger.Decide(Trigger, command, At(second), Small))
        {
            case TriggerDecision.Refused refused: return "refused " + string.Join(' ', refused.Faults.Select(fault => fault.Code));
            case TriggerDecision.Accepted accepted: Trigger = accepted.Trigger; break;
        }
        Assert.True(Trigger.Starting.Count <= Small.StartsMax && Trigger.Files.All.Count <= Small.FilesMax);
        Assert.Equal(Trigger.Starting.Count, Trigger.Starting.Select(start => start.Run).Distinct().Count());
        return string.Join(' ', Trigger.Starting.Except(before).Select(Words));
    }

    /// <summary>One look at these files: path, content, second of the last change. Gives those that runs are now to be started for.</summary>
    public string Look(double second, params (string Path, string Content, int ModifiedAt)[] files)
    {
        var said = See(second, files);
        var settled = Trigger.Settled(At(second), Small).Select(file => files.Single(one => one.Path == file.Path)).ToArray();
        return settled.Length == 0 ? said : Identify(second, settled);
    }

    public string See(double second, params (string Path, string Content, int ModifiedAt)[] files) =>
        Tell(second, new TriggerCommand.FilesSeen(new FileSight([.. files.Select(Seen)], 0)));

    public string Identify(double second, params (string Path, string Content, int ModifiedAt)[] files) =>
        Tell(second, new TriggerCommand.FilesIdentified([.. files.Select(file => new IdentifiedFile(
            Seen(file), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(file.Content)))))]));

    /// <summary>All starts are made, or can never be.</summary>
    public void Pay(Fault? fault = null) => Tell(0, new TriggerCommand.Paid([.. Trigger.Starting.Select(start => new PaidStart(start.Run, fault))]));

    private static SeenFile Seen((string Path, string Content, int ModifiedAt) file) => new(file.Path, file.Content.Length, At(file.ModifiedAt));

    private static string Words(TriggerStart start) => start.Values["paths"] is SpecValue.List paths
        ? string.Join(' ', paths.Items.Select(path => path.ToPlainText()))
        : start.Values["run"]?.ToPlainText() ?? start.What;
}
