using System.Reflection;
using OrleansEtl.Engine.Definitions;
using OrleansEtl.Engine.Limits;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;
using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Engine.Tests.Exhaustive;

/// <summary>Every case of a closed hierarchy is met by the search of <see cref="Everything"/>, and no switch falls through.</summary>
public sealed class CasesAreHandled
{
    private static readonly Lazy<(HashSet<Type> Commands, HashSet<Type> Events, HashSet<Type> Debts)> Met = new(Explore);

    [Fact]
    public void Every_command_is_decided() => Assert.Empty(Cases<RunCommand>().Except(Met.Value.Commands));

    [Fact]
    public void Every_event_happens_and_is_applied() => Assert.Empty(Cases<RunEvent>().Except(Met.Value.Events));

    [Fact]
    public void Every_debt_is_owed() => Assert.Empty(Cases<Debt>().Except(Met.Value.Debts));

    [Theory]
    [InlineData(typeof(RunCommand)), InlineData(typeof(RunEvent)), InlineData(typeof(Debt)), InlineData(typeof(Decision))]
    [InlineData(typeof(StageOutcome)), InlineData(typeof(StepCondition)), InlineData(typeof(PlanResult))]
    [InlineData(typeof(SlotCommand)), InlineData(typeof(SlotEvent)), InlineData(typeof(SlotDecision)), InlineData(typeof(SlotDebt))]
    [InlineData(typeof(ScheduleCommand)), InlineData(typeof(ScheduleEvent)), InlineData(typeof(ScheduleDecision)), InlineData(typeof(ScheduleDebt))]
    [InlineData(typeof(LimitCommand)), InlineData(typeof(LimitEvent)), InlineData(typeof(LimitDecision)), InlineData(typeof(LimitDebt))]
    [InlineData(typeof(LimitOrder)), InlineData(typeof(LimitAnswer))]
    [InlineData(typeof(DefinitionCommand)), InlineData(typeof(DefinitionEvent)), InlineData(typeof(DefinitionDecision)), InlineData(typeof(DefinitionAnswer))]
    [InlineData(typeof(Recurrence)), InlineData(typeof(ScheduleCheckResult)), InlineData(typeof(CronResult)), InlineData(typeof(Timetable))]
    [InlineData(typeof(StartDecision)), InlineData(typeof(StartAnswer))]
    public void No_case_can_be_added_from_elsewhere(Type hierarchy)
    {
        Assert.All(
            hierarchy.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public),
            constructor => Assert.True(constructor.IsPrivate || IsCopy(constructor)));
        Assert.All(hierarchy.GetNestedTypes().Where(hierarchy.IsAssignableFrom), type => Assert.True(type.IsSealed, type.Name));

        bool IsCopy(ConstructorInfo constructor) => constructor.GetParameters() is [{ } only] && only.ParameterType == hierarchy;
    }

    private static IEnumerable<Type> Cases<T>() => typeof(T).GetNestedTypes().Where(typeof(T).IsAssignableFrom);

    private static (HashSet<Type>, HashSet<Type>, HashSet<Type>) Explore()
    {
        var (commands, events, debts) = (new HashSet<Type>(), new HashSet<Type>(), new HashSet<Type>());
        Heard(Run.None, Run.Begin(Run.None, Given.Id, PlanOf.Chain(2), Given.Start(
            PlanOf.Chain(2), rerun: new RerunOf(Given.Id, [Words.Result("s0")])), Given.Noon));
        foreach (var plan in Everything.Shapes().Take(3).Concat(Everything.Conditions().Take(3)))
            Everything.Explore(plan, commandsMax: 3, way =>
            {
                commands.Add(way.Command.GetType());
                Heard(way.Before, way.Decision);
            });
        foreach (var plan in Everything.Steered())
            Everything.Explore(plan, commandsMax: 3, way =>
            {
                commands.Add(way.Command.GetType());
                Heard(way.Before, way.Decision);
            }, steered: true);
        foreach (var plan in Everything.Mapped())
            Everything.Explore(plan, commandsMax: 4, way =>
            {
                commands.Add(way.Command.GetType());
                Heard(way.Before, way.Decision);
            });
        Everything.Explore(Everything.Undone().First(), commandsMax: 3, way => Heard(way.Before, way.Decision));
        Everything.Explore(Everything.Troubled(PlanOf.Chain(2)), commandsMax: 3, way =>
        {
            commands.Add(way.Command.GetType());
            Heard(way.Before, way.Decision);
        });
        return (commands, events, debts);

        void Heard(Run before, Decision decision)
        {
            if (decision is not Decision.Accepted accepted) return;
            events.UnionWith(accepted.Events.Select(happened => happened.GetType()));
            debts.UnionWith(Run.Owed(accepted.Events.Aggregate(before, Run.Apply), accepted.Events).Select(debt => debt.GetType()));
        }
    }
}
