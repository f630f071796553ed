namespace OrleansEtl.Steps.Sources;

/// <summary>What sources of malformed rows have in common.</summary>
internal static class RejectFields
{
    public static readonly WithField<long> Max = Fields.Integer(
        "rejects_max", "More malformed rows than this fail the step. The default keeps a broken feed from passing as "
        + "a small one.",
        0, 1_000_000_000).Alias("max_rejects").Default(10_000);

    public static readonly WithField<double> MaxRatio = Fields.Number(
        "rejects_max_ratio", "A larger part of all rows than this fails the step. Default: half, beyond which the "
        + "dialect must be wrong.",
        0, 1).Default(0.5);

    /// <summary>Gives no rejected row.</summary>
    public const string None =
        "SELECT NULL::VARCHAR AS file, NULL::BIGINT AS line, NULL::VARCHAR AS \"column\", NULL::VARCHAR AS raw, "
        + "NULL::VARCHAR AS reason WHERE FALSE";

    public static RejectsLimit Limit(StepCall step) => new(step.Get(Max), step.Get(MaxRatio));
}
