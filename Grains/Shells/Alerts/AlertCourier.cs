using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells.Alerts;

/// <summary>Sends what is due of one watch. Each try is stored before it is made, so that of several who would make it one does; what came of it
/// is stored after. Who dies in between has tried, and the next one tries again under the same key.</summary>
public sealed class AlertCourier(AlertDesk desk, KeptWatch kept, Action<string, Exception> unstored)
{
    /// <summary>Done when all that is due has been tried.</summary>
    public Task SendDue(Watch watch) => Task.WhenAll(watch.Due(desk.Clock.GetUtcNow()).Take(desk.SendsAtOnce)
        .Select(due => desk.UnderWay.Begin(() => Send(due.Alert.Number, due.Delivery.Channel))).ToArray());

    private async Task Send(long number, string channel)
    {
        try
        {
            var (before, after) = await kept.Hear(new News.Sends(number, channel));
            if (before.Find(number)?.To(channel) is not { Status: DeliveryStatus.Waiting }) return; // another one does
            if (after.Find(number) is not { } alert || alert.To(channel) is not { Status: DeliveryStatus.Sending, Tries: var tries }) return;
            var fault = await desk.Send(channel, AlertMessage.Of(after.Pipeline, alert));
            await kept.Hear(new News.Sent(number, channel, tries, fault));
        }
        catch (Exception e) // the store is away: what was not stored is tried again
        {
            unstored($"{number} to {channel}", e);
        }
    }
}
