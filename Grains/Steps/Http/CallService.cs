using System.Collections.Immutable;

namespace OrleansEtl.Steps.Http;

internal static class CallService
{
    private const string Promise =
        "At least once: after a crash or a lost answer it asks again. Every request but GET bears the header Idempotency-Key, which is the same in "
        + "each attempt of the step, so that a service that minds it does its work once.";

    /// <summary>Headers that the connection or the protocol decides.</summary>
    private static readonly ImmutableArray<string> Reserved =
        ["connection", "content-length", "cookie", "expect", "host", "idempotency-key", "transfer-encoding", "upgrade"];

    private static readonly WithField<string> Connection = Fields.Text(
        "connection", "The name of a connection, such as https://api.example/v1 or Url=https://api.example/v1;Header.Authorization=\"Bearer …\".");
    private static readonly WithField<string> Method = Fields.Choice(
        "method", "What is done.", "GET", "POST", "PUT", "PATCH", "DELETE").Default("GET");
    private static readonly WithField<string> Path = Fields.Text("path", "Below the connection's address.").Default("");
    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Query = Fields.Map(
        "query", new FieldType.Text(), "What stands behind the ?, escaped as it has to be.").Optional();
    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Headers = Fields.Map(
        "headers", new FieldType.Text(), "Besides those of the connection, which cannot be changed.").Optional();
    private static readonly WithField<SpecValue?> Json = Fields.Of<SpecValue>(
        "json", new FieldType.Map(Nested(3), 1), "Sent as a JSON object.", placed => placed.Value).Optional();
    private static readonly WithField<string?> Body = Fields.Text("body", "Sent as it is, as content_type; instead of json.").Optional();
    private static readonly WithField<string> ContentType = Fields.Text("content_type", "Of body.").Default("text/plain; charset=utf-8");
    private static readonly WithField<bool> KeepBody = Fields.Flag("keep_body", "Whether the answer becomes the value body; at most 64 KiB.").Default(true);
    private static readonly WithField<ImmutableArray<long>> SuccessCodes = Fields.Integers(
        "success_codes", "Answers that mean success. Default: 200 to 299.", 100, 599).Optional();
    private static readonly WithField<ImmutableArray<long>> RetryCodes = Fields.Integers(
        "retry_codes", "Answers that mean: try again. All others fail the step for good.", 100, 599).Default(429, 502, 503, 504);

    public static readonly StepKind Kind = StepKind.Outside("http.request", "Asks an HTTP service.")
        .Reads(InputArity.None, Fusing.Alone)
        .Describe("The host that runs the step knows the connection: its address and its secret headers. A pipeline names it and a path below it, and "
            + "reaches nothing else; redirects are not followed. A connection has to be there within 5 seconds, an answer within 300; `timeout` of the "
            + "step may say less. When the step is cancelled, the request is given up at once.")
        .Takes(Connection, Method, Path, Query, Headers, Json, Body, ContentType, KeepBody, SuccessCodes, RetryCodes)
        .Gives("status", ValueType.Integer, "The status of the answer.")
        .Gives("body", ValueType.Any, "The answer: JSON as what it says, anything else as text.")
        .Promises(Promise)
        .Example("Tell a service that the orders of a day are there", """
            pipeline: tell
            params: {day: {type: date, default: 2026-01-31}}
            steps:
              - id: told
                kind: http.request
                with: {connection: shop, method: POST, path: ready, json: {day: "{{ params.day }}", parts: [orders, items]}}
            """)
        .Calls(Plan);

    private static FieldType Nested(int depth)
    {
        var scalar = new FieldType.Scalar();
        return depth == 0 ? scalar
            : new FieldType.OneOf([scalar, new FieldType.List(Nested(depth - 1)), new FieldType.Map(Nested(depth - 1))]);
    }

    private static HttpPlan Plan(StepCall step)
    {
        var (json, body, headers) = (step.Get(Json), step.Get(Body), step.Get(Headers));
        if (json is not null && body is not null) throw StepFaults.Conflict("json and body are both given.", "Leave one of them away.");
        foreach (var (name, value) in headers)
            if (Reserved.Contains(name.ToLowerInvariant()) || !IsToken(name) || value.AsSpan().ContainsAnyInRange('\0', '\x1f'))
                throw StepFaults.Conflict(
                    $"the header '{Printable.Of(name)}' cannot be set.", "It is the connection's, or holds characters that headers cannot have.");
        return new HttpPlan(
            step.Get(Connection), step.Get(Method), step.Get(Path), step.Get(Query), headers,
            json?.ToJson() ?? body, json is null ? step.Get(ContentType) : "application/json; charset=utf-8",
            step.Get(KeepBody), step.Get(SuccessCodes), step.Get(RetryCodes));
    }

    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
