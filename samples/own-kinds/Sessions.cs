using OrleansEtl;
using OrleansEtl.Steps;

namespace OwnKinds;

/// <summary>A kind of step that SQL says badly: it follows one visitor after another, and begins a new session after a pause.</summary>
public static class Sessions
{
    private static readonly WithField<string> Visitor = Fields.Column("visitor", "Who clicked.");
    private static readonly WithField<string> At = Fields.Column("at", "When; a timestamp.");
    private static readonly WithField<TimeSpan> Pause =
        Fields.Duration("pause", "The pause after which a new session begins.").Default(TimeSpan.FromMinutes(30));

    public static readonly StepKind Kind = StepKind.Code("web.sessions", "Joins the clicks of a visitor to sessions.")
        .Reads(InputArity.One, Fusing.Alone)
        .Takes(Visitor, At, Pause)
        .Port("out", "One row a session: visitor, from, until, clicks.")
        .Gives("longest", OrleansEtl.ValueType.Integer, "The most clicks of one session.")
        .Runs(Run);

    private static void Run(CodeCall step)
    {
        var sessions = step.Write(
            "out", new("visitor", "VARCHAR"), new("from", "TIMESTAMP"), new("until", "TIMESTAMP"), new("clicks", "BIGINT"));
        var (rows, longest) = (0L, 0L);
        Session? session = null;
        var (visitor, at) = (step.Input.Sql(step.Get(Visitor)), step.Input.Sql(step.Get(At)));
        foreach (var click in step.Query($"SELECT {visitor} AS visitor, {at}::TIMESTAMP AS at FROM {step.Input.Table} ORDER BY ALL"))
        {
            var (who, when) = (click.Text("visitor"), (DateTime)click["at"]!);
            if (session is null || session.Visitor != who || when - session.Until > step.Get(Pause))
            {
                session?.WriteTo(sessions);
                session = new Session(who, when);
            }
            session = session with { Until = when, Clicks = session.Clicks + 1 };
            longest = Math.Max(longest, session.Clicks);
            step.Progress(++rows, step.Input.Rows);
        }
        session?.WriteTo(sessions);
        step.Give("longest", new SpecValue.Integer(longest));
        step.Log.Info("joined clicks to sessions", Count("clicks", rows), Count("sessions", sessions.Rows));
    }

    private static Field Count(string name, long count) => new(name, new SpecValue.Integer(count));

    private sealed record Session(string? Visitor, DateTime From)
    {
        public DateTime Until { get; init; } = From;
        public long Clicks { get; init; }

        public void WriteTo(RowFile sessions) => sessions.Add(Visitor, From, Until, Clicks);
    }
}
