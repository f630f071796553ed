namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>
/// All instants at which something is due, as a function and not a list. Instants are on UTC.
///
/// The rule for clocks that change, said once:
/// fixed times of a day follow the wall. One that the clock jumps over is due at the instant of the jump; one that the clock shows twice is
/// due the first time; several that are jumped over together are due once.
/// Times that keep a rhythm (<see cref="Cron.KeepsRhythm"/>) follow real time: they are due whenever the clock shows one of them, both times
/// when it shows it twice, and never when it jumps over it.
/// Intervals (<see cref="Every"/>) know no clock at all.
/// </summary>
public abstract record Timetable
{
    /// <summary>No pause between two instants is longer: a 29 February on a given weekday comes back after 40 years at the latest.</summary>
    public const int PauseYearsMax = 41;

    private Timetable() { }

    /// <summary>The first instant after the given one; null when there is none, or none within <see cref="PauseYearsMax"/>.</summary>
    public abstract DateTimeOffset? Next(DateTimeOffset after);

    /// <summary>The first instant that is not before the given one.</summary>
    public DateTimeOffset? From(DateTimeOffset first) => Next(first == DateTimeOffset.MinValue ? first : first.AddTicks(-1));

    /// <summary>The last instant before the given one; null when there is none.</summary>
    public abstract DateTimeOffset? Previous(DateTimeOffset before);

    /// <summary>The last instant that is not after the given one.</summary>
    public DateTimeOffset? Through(DateTimeOffset last) => Previous(last == DateTimeOffset.MaxValue ? last : last.AddTicks(1));

    /// <summary>An instant with the time that it answers for: since the one before.</summary>
    public Firing FiringAt(DateTimeOffset at) => new(Previous(at) ?? at, at);

    /// <summary>Every so often in real time, before and after an anchor.</summary>
    public sealed record Every(TimeSpan Period, DateTimeOffset Anchor) : Timetable
    {
        public override DateTimeOffset? Next(DateTimeOffset after) => At(Whole(after) + 1);

        public override DateTimeOffset? Previous(DateTimeOffset before) => At(Whole(before) - (IsDue(before) ? 1 : 0));

        /// <summary>How many periods after the anchor begins the one that holds the instant.</summary>
        private long Whole(DateTimeOffset instant)
        {
            var (count, rest) = Math.DivRem(instant.UtcTicks - Anchor.UtcTicks, Period.Ticks);
            return rest < 0 ? count - 1 : count;
        }

        private bool IsDue(DateTimeOffset instant) => (instant.UtcTicks - Anchor.UtcTicks) % Period.Ticks == 0;

        private DateTimeOffset? At(long count) =>
            Anchor.UtcTicks + (Int128)count * Period.Ticks is var ticks && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
                ? new DateTimeOffset((long)ticks, TimeSpan.Zero)
                : null;
    }

    /// <summary>Times of the wall in a zone.</summary>
    public sealed record OnTheWall(IWallTimes Times, Zone Zone, bool KeepsRhythm) : Timetable
    {
        public override DateTimeOffset? Next(DateTimeOffset after)
        {
            var horizon = after.UtcDateTime.Year + PauseYearsMax <= DateTime.MaxValue.Year ? after.AddYears(PauseYearsMax) : DateTimeOffset.MaxValue;
            for (var stretch = Zone.At(after); ; stretch = Zone.At(stretch.Until!.Value))
            {
                var from = Beginning(stretch);
                if (!(after < stretch.From) && stretch.Wall(after) is var now && now >= from) from = NextSecond(now);
                var end = stretch.Until < horizon ? stretch.Until.Value : horizon;
                if (Times.Next(from, stretch.Wall(end)) is { } wall)
                    return stretch.Instant(wall) is var at && at < stretch.From ? stretch.From : at;
                if (end == horizon) return null;
            }
        }

        /// <summary>A search between two instants for the place where <see cref="Next"/> passes the given one, so that forwards and backwards
        /// can never disagree.</summary>
        public override DateTimeOffset? Previous(DateTimeOffset before)
        {
            long late = Seconds(before.UtcTicks - 1) + 1, back = 60;
            while (!IsBefore(late - back))
            {
                if (back > (PauseYearsMax + 1) * 366L * 86_400 || late - back < Seconds(DateTimeOffset.MinValue.UtcTicks)) return null;
                back *= 4;
            }
            // From here on: something is due after `early` and before the given instant, and nothing after `late` is.
            var early = late - back;
            while (late - early > 1)
            {
                var middle = early + (late - early) / 2;
                if (IsBefore(middle)) early = middle;
                else late = middle;
            }
            return Next(At(early));

            bool IsBefore(long second) => second >= 0 && Next(At(second)) is { } next && next < before;
        }

        /// <summary>The first time of the wall that a stretch answers for. Fixed times go on where the stretch before stopped: what was jumped
        /// over is behind this stretch's beginning, and what is shown again is not asked for.</summary>
        private DateTime Beginning(Stretch stretch)
        {
            if (stretch.From is not { } from) return DateTime.MinValue;
            return KeepsRhythm ? stretch.Wall(from) : Zone.At(from.AddTicks(-1)).Wall(from);
        }

        private static DateTime NextSecond(DateTime time) =>
            time.Ticks > DateTime.MaxValue.Ticks - TimeSpan.TicksPerSecond
                ? DateTime.MaxValue
                : new DateTime((Seconds(time.Ticks) + 1) * TimeSpan.TicksPerSecond);

        private static long Seconds(long ticks) => ticks / TimeSpan.TicksPerSecond;
        private static DateTimeOffset At(long second) => new(second * TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }
}

/// <summary>An instant at which something is due, and the time that it answers for: since the one before, up to itself.</summary>
public readonly record struct Firing(DateTimeOffset From, DateTimeOffset At);
