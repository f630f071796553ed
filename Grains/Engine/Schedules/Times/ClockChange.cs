namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>What a change of the clock did to a firing.</summary>
/// <param name="Wall">The time of the wall that is concerned.</param>
/// <param name="Before">What the clock showed when it changed.</param>
/// <param name="After">What it showed then.</param>
public sealed record ClockChange(ClockEffect Effect, DateTime Wall, DateTime Before, DateTime After)
{
    /// <summary>Null when no change of the clock touches the firing.</summary>
    public static ClockChange? Of(Timetable timetable, Firing firing)
    {
        if (timetable is not Timetable.OnTheWall wall) return null;
        var stretch = wall.Zone.At(firing.At);
        var shown = stretch.Wall(firing.At);
        if (Change(wall.Zone, stretch.From) is var (before, after))
        {
            if (shown < before) return new ClockChange(ClockEffect.SecondOfTwo, shown, before, after);
            if (stretch.From > firing.From && wall.Times.Next(before, after) is { } missing)
            {
                if (wall.KeepsRhythm) return new ClockChange(ClockEffect.LeftOut, missing, before, after);
                if (firing.At == stretch.From) return new ClockChange(ClockEffect.Moved, missing, before, after);
            }
        }
        return Change(wall.Zone, stretch.Until) is var (end, start) && shown >= start
            ? new ClockChange(ClockEffect.FirstOfTwo, shown, end, start)
            : null;
    }

    /// <summary>What the clock shows before and after the instant at which it changes.</summary>
    private static (DateTime Before, DateTime After)? Change(Zone zone, DateTimeOffset? at) =>
        at is { } instant ? (zone.At(instant.AddTicks(-1)).Wall(instant), zone.At(instant).Wall(instant)) : null;
}

public enum ClockEffect
{
    /// <summary>Its time was jumped over: it is due at the jump.</summary>
    Moved,
    /// <summary>Before it, times were jumped over and not due at all.</summary>
    LeftOut,
    FirstOfTwo,
    SecondOfTwo,
}
