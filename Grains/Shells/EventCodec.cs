using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Definitions;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>Events, commands, manifests and registered pipelines as JSON, for the store. Names never change: journals of every release are read for ever.
/// A field that is missing is null or empty, so that fields can be added.</summary>
public static class EventCodec
{
    private static readonly JsonSerializerOptions Options = StateJson.Options(
        JournalJson.Default.WithAddedModifier(AddCases).WithAddedModifier(LeaveAwayUnset).WithAddedModifier(LeaveOutWhatFollows),
        new PlanConverter(), StateJson.Words<RunStatus>(), StateJson.Words<StepStatus>(), StateJson.Words<ValueType>(), StateJson.Words<AwaitKind>(),
        StateJson.Words<HeartbeatAnswer>(), StateJson.Words<PipelineChangeKind>(), StateJson.Words<ItemSource>(),
        StateJson.Words<OnItemFailure>(), StateJson.Words<AlertOn>(), StateJson.Words<LateFrom>());

    private static readonly Dictionary<Type, ImmutableArray<(Type Case, string Name)>> Cases = new()
    {
        [typeof(RunEvent)] =
        [
            (typeof(RunEvent.RunStarted), "run_started"),
            (typeof(RunEvent.StageReused), "stage_reused"),
            (typeof(RunEvent.StageDispatched), "stage_dispatched"),
            (typeof(RunEvent.StageSucceeded), "stage_succeeded"),
            (typeof(RunEvent.StageRetryScheduled), "stage_retry_scheduled"),
            (typeof(RunEvent.StageLost), "stage_lost"),
            (typeof(RunEvent.StageFailed), "stage_failed"),
            (typeof(RunEvent.ItemsListed), "items_listed"),
            (typeof(RunEvent.ItemsSent), "items_sent"),
            (typeof(RunEvent.ItemsEnded), "items_ended"),
            (typeof(RunEvent.ItemsHandedBack), "items_handed_back"),
            (typeof(RunEvent.ItemsLost), "items_lost"),
            (typeof(RunEvent.ItemsAwait), "items_await"),
            (typeof(RunEvent.ItemRejoined), "item_rejoined"),
            (typeof(RunEvent.StageSkipped), "stage_skipped"),
            (typeof(RunEvent.StageCancelled), "stage_cancelled"),
            (typeof(RunEvent.StageAwaits), "stage_awaits"),
            (typeof(RunEvent.SignalReceived), "signal_received"),
            (typeof(RunEvent.StageSignalled), "stage_signalled"),
            (typeof(RunEvent.StageReviewed), "stage_reviewed"),
            (typeof(RunEvent.StageExpired), "stage_expired"),
            (typeof(RunEvent.StageRejoined), "stage_rejoined"),
            (typeof(RunEvent.StageSkippedByHand), "stage_skipped_by_hand"),
            (typeof(RunEvent.StageSucceededByHand), "stage_succeeded_by_hand"),
            (typeof(RunEvent.RunPaused), "run_paused"),
            (typeof(RunEvent.RunResumed), "run_resumed"),
            (typeof(RunEvent.StageBegan), "stage_began"),
            (typeof(RunEvent.RunRescued), "run_rescued"),
            (typeof(RunEvent.RunQuarantined), "run_quarantined"),
            (typeof(RunEvent.RunRedriven), "run_redriven"),
            (typeof(RunEvent.CancelRequested), "cancel_requested"),
            (typeof(RunEvent.RunTimedOut), "run_timed_out"),
            (typeof(RunEvent.CompensationBegan), "compensation_began"),
            (typeof(RunEvent.RunEnded), "run_ended"),
        ],
        [typeof(RunCommand)] =
        [
            (typeof(RunCommand.Cancel), "cancel"),
            (typeof(RunCommand.Pause), "pause"),
            (typeof(RunCommand.Resume), "resume"),
            (typeof(RunCommand.Redrive), "redrive"),
            (typeof(RunCommand.Skip), "skip"),
            (typeof(RunCommand.Succeed), "succeed"),
            (typeof(RunCommand.Signal), "signal"),
            (typeof(RunCommand.Review), "review"),
        ],
        [typeof(Answer)] = [(typeof(Answer.Done), "done"), (typeof(Answer.Refused), "refused")],
    };

    public static byte[] Write(RunEvent happened) => QuickEvents.Write(happened) ?? Bytes(happened);
    internal static byte[] WriteSlowly(RunEvent happened) => Bytes(happened);
    public static RunEvent ReadEvent(ReadOnlySpan<byte> bytes) => Value<RunEvent>(bytes);
    public static byte[] Write(RunState state) => Bytes(state);
    public static RunState ReadState(ReadOnlySpan<byte> bytes) => Value<RunState>(bytes);
    public static byte[] Write(DatasetVersion manifest) => Bytes(manifest);
    public static DatasetVersion ReadManifest(ReadOnlySpan<byte> bytes) => Value<DatasetVersion>(bytes);
    public static byte[] Write(ImmutableArray<StepResult> results) => Bytes(results);
    public static ImmutableArray<StepResult> ReadResults(ReadOnlySpan<byte> bytes) => Value<ImmutableArray<StepResult>>(bytes);
    public static byte[] Write(RunCommand command) => Bytes(command);
    public static RunCommand ReadCommand(ReadOnlySpan<byte> bytes) => Value<RunCommand>(bytes);
    public static byte[] Write(Answer answer) => Bytes(answer);
    public static Answer ReadAnswer(ReadOnlySpan<byte> bytes) => Value<Answer>(bytes);
    public static byte[] Write(Registration pipeline) => Bytes(pipeline);
    public static Registration ReadRegistration(ReadOnlySpan<byte> bytes) => Value<Registration>(bytes);

    /// <summary>The names that stand in journals, for the test that holds them fast.</summary>
    public static ImmutableArray<string> EventNames => [.. Cases[typeof(RunEvent)].Select(c => c.Name)];

    /// <summary>How values of a type stand in the store, for the test that holds every field of them fast.</summary>
    internal static JsonTypeInfo Shape(Type type) => Options.GetTypeInfo(type == typeof(Plan) ? typeof(PlanShape) : type);

    private static byte[] Bytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options.Shape<T>());

    private static T Value<T>(ReadOnlySpan<byte> bytes) where T : notnull => StateJson.Read(bytes, Options.Shape<T>(), $"a {typeof(T).Name}");

    /// <summary>Flags that were added later are written only where they are set: what was written before them stays as it is.</summary>
    private static readonly ImmutableArray<string> LaterFlags = ["with_pipeline"];

    private static void LeaveAwayUnset(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (LaterFlags.Contains(property.Name)) property.ShouldSerialize = static (_, value) => value is true;
    }

    /// <summary>What is worked out of the rest is not stored.</summary>
    private static void LeaveOutWhatFollows(JsonTypeInfo type)
    {
        if (type.Type != typeof(ItemProgress) && type.Type != typeof(ItemSlice) && type.Type != typeof(ItemRange)) return;
        foreach (var property in type.Properties)
            if (property.Name is "counts" or "all_ended" or "not_run" or "range" or "end" || property.Name == "count" && type.Type == typeof(ItemProgress))
                property.ShouldSerialize = static (_, _) => false;
    }

    private static void AddCases(JsonTypeInfo type)
    {
        if (Cases.TryGetValue(type.Type, out var cases)) type.SetCases(cases.AsSpan());
    }
}

[JsonSerializable(typeof(RunEvent))]
[JsonSerializable(typeof(RunEvent.RunStarted))]
[JsonSerializable(typeof(RunEvent.StageReused))]
[JsonSerializable(typeof(RunEvent.StageDispatched))]
[JsonSerializable(typeof(RunEvent.StageSucceeded))]
[JsonSerializable(typeof(RunEvent.StageRetryScheduled))]
[JsonSerializable(typeof(RunEvent.StageLost))]
[JsonSerializable(typeof(RunEvent.StageFailed))]
[JsonSerializable(typeof(RunEvent.ItemsListed))]
[JsonSerializable(typeof(RunEvent.ItemsSent))]
[JsonSerializable(typeof(RunEvent.ItemsEnded))]
[JsonSerializable(typeof(RunEvent.ItemsHandedBack))]
[JsonSerializable(typeof(RunEvent.ItemsLost))]
[JsonSerializable(typeof(RunEvent.ItemsAwait))]
[JsonSerializable(typeof(RunEvent.ItemRejoined))]
[JsonSerializable(typeof(RunEvent.StageSkipped))]
[JsonSerializable(typeof(RunEvent.StageCancelled))]
[JsonSerializable(typeof(RunEvent.StageAwaits))]
[JsonSerializable(typeof(RunEvent.StageRejoined))]
[JsonSerializable(typeof(RunEvent.SignalReceived))]
[JsonSerializable(typeof(RunEvent.StageSignalled))]
[JsonSerializable(typeof(RunEvent.StageReviewed))]
[JsonSerializable(typeof(RunEvent.StageExpired))]
[JsonSerializable(typeof(RunEvent.StageSkippedByHand))]
[JsonSerializable(typeof(RunEvent.StageSucceededByHand))]
[JsonSerializable(typeof(RunEvent.RunPaused))]
[JsonSerializable(typeof(RunEvent.RunResumed))]
[JsonSerializable(typeof(RunEvent.StageBegan))]
[JsonSerializable(typeof(RunEvent.RunRescued))]
[JsonSerializable(typeof(RunEvent.RunQuarantined))]
[JsonSerializable(typeof(RunEvent.RunRedriven))]
[JsonSerializable(typeof(RunEvent.CancelRequested))]
[JsonSerializable(typeof(RunEvent.RunTimedOut))]
[JsonSerializable(typeof(RunEvent.CompensationBegan))]
[JsonSerializable(typeof(RunEvent.RunEnded))]
[JsonSerializable(typeof(RunCommand))]
[JsonSerializable(typeof(RunCommand.Cancel))]
[JsonSerializable(typeof(RunCommand.Pause))]
[JsonSerializable(typeof(RunCommand.Resume))]
[JsonSerializable(typeof(RunCommand.Redrive))]
[JsonSerializable(typeof(RunCommand.Skip))]
[JsonSerializable(typeof(RunCommand.Succeed))]
[JsonSerializable(typeof(RunCommand.Signal))]
[JsonSerializable(typeof(RunCommand.Review))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Answer.Done))]
[JsonSerializable(typeof(Answer.Refused))]
[JsonSerializable(typeof(DatasetVersion))]
[JsonSerializable(typeof(ImmutableArray<StepResult>))]
[JsonSerializable(typeof(PlanShape))]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(Registration))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class JournalJson : JsonSerializerContext;
