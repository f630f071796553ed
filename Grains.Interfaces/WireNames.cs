namespace OrleansEtl;

/// <summary>Every name that stands in messages or in the store. Never renamed, never reused; new ones are added.</summary>
public static class WireNames
{
    public const string RunId = "etl.RunId";
    public const string StepId = "etl.StepId";
    public const string Attempt = "etl.Attempt";
    public const string SpecValue = "etl.SpecValue";
    public const string SpecNull = "etl.SpecValue.Null";
    public const string SpecFlag = "etl.SpecValue.Flag";
    public const string SpecInteger = "etl.SpecValue.Integer";
    public const string SpecReal = "etl.SpecValue.Real";
    public const string SpecText = "etl.SpecValue.Text";
    public const string SpecList = "etl.SpecValue.List";
    public const string SpecMap = "etl.SpecValue.Map";
    public const string Field = "etl.Field";
    public const string PipelineSpec = "etl.PipelineSpec";
    public const string ParamSpec = "etl.ParamSpec";
    public const string ValueType = "etl.ValueType";
    public const string StepSpec = "etl.StepSpec";
    public const string RetrySpec = "etl.RetrySpec";
    public const string Column = "etl.Column";
    public const string DatasetRef = "etl.DatasetRef";
    public const string DatasetVersion = "etl.DatasetVersion";
    public const string StepOutput = "etl.StepOutput";
    public const string FaultKind = "etl.FaultKind";
    public const string Fault = "etl.Fault";
    public const string FaultException = "etl.FaultException";
    public const string RunStatus = "etl.RunStatus";
    public const string StepStatus = "etl.StepStatus";
    public const string StepResult = "etl.StepResult";
    public const string StageOutcome = "etl.StageOutcome";
    public const string StageSucceeded = "etl.StageOutcome.Succeeded";
    public const string StageFailed = "etl.StageOutcome.Failed";
    public const string StageStopped = "etl.StageOutcome.Stopped";
    public const string RunCommand = "etl.RunCommand";
    public const string StartRun = "etl.StartRun";
    public const string ReportStage = "etl.ReportStage";
    public const string LoseStage = "etl.LoseStage";
    public const string Elapse = "etl.Elapse";
    public const string CancelRun = "etl.CancelRun";
    public const string Rerun = "etl.Rerun";
    public const string Answer = "etl.Answer";
    public const string AnswerDone = "etl.Answer.Done";
    public const string AnswerRefused = "etl.Answer.Refused";
    public const string StepProgress = "etl.StepProgress";
    public const string RunView = "etl.RunView";
    public const string StepView = "etl.StepView";
    public const string StageWork = "etl.StageWork";
    public const string StepWork = "etl.StepWork";
    public const string InputBinding = "etl.InputBinding";
    public const string Heartbeat = "etl.Heartbeat";
    public const string HeartbeatAnswer = "etl.HeartbeatAnswer";
}
