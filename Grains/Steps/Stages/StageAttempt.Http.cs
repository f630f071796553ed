using System.Net.Http.Headers;
using System.Text;
using OrleansEtl.Steps.Http;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    private Relation? Request(StepRun step, StepBehaviour.Calls calls)
    {
        var plan = calls.Plan(Call(step, []));
        var address = HttpAddress.Of(plan.Connection, connections.Text(plan.Connection));
        using var request = Request(step, plan, address);
        var answer = HttpCall.Send(request, plan, options.ValuesBytesMax, programs.Time, cancellation).GetAwaiter().GetResult();
        LogOf(step).Info($"{plan.Method} {Excerpt.Of(plan.Path, 200)} answered {answer.Status}", new Field("connection", new SpecValue.Text(plan.Connection)));
        step.Values.Add(new Field("status", new SpecValue.Integer(answer.Status)));
        step.Values.Add(new Field("body", answer.Body));
        return null;
    }

    private HttpRequestMessage Request(StepRun step, HttpPlan plan, HttpAddress address)
    {
        var request = new HttpRequestMessage(new HttpMethod(plan.Method), address.At(plan.Path, plan.Query));
        if (plan.Body is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(plan.ContentType, out var type) ? type
                : throw StepFaults.Conflict($"content_type '{Excerpt.Of(plan.ContentType, 100)}' is none; expected one such as text/csv.");
        }
        if (plan.Method != "GET")
            request.Headers.Add("Idempotency-Key", $"{work.Run}/{step.Id}{(work.Item is { } item ? $"/{item}" : "")}");
        foreach (var (name, value) in plan.Headers)
            if (!address.Headers.Any(own => own.Key.Equals(name, StringComparison.OrdinalIgnoreCase))) request.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in address.Headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}
