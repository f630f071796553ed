using System.Collections.Frozen;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansEtl.Shells;

/// <summary>The grain lives on silos of that role only.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RoleAttribute(string role) : PlacementAttribute(RolePlacement.Of(role));

/// <summary>Among the silos of a role by the grain's id. Each role has a class of its own: a silo keeps one strategy a class.</summary>
public abstract class RolePlacement(string role) : PlacementStrategy
{
    public string Role { get; } = role;

    public static RolePlacement Of(string role) => role switch
    {
        SiloRoles.Control => new ControlPlacement(),
        SiloRoles.Data => new DataPlacement(),
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "There is no such role."),
    };
}

public sealed class ControlPlacement() : RolePlacement(SiloRoles.Control);

public sealed class DataPlacement() : RolePlacement(SiloRoles.Data);

/// <summary>The roles of silos, which their names tell: <c>control+data.HOST-PID-xxxx</c>.</summary>
public static class SiloRoles
{
    /// <summary>Runs, schedules and lists.</summary>
    public const string Control = "control";
    /// <summary>Steps.</summary>
    public const string Data = "data";

    private static readonly FrozenSet<string> Known = [Control, Data];

    /// <summary>A silo whose name tells no roles has all of them.</summary>
    public static bool Has(string siloName, string role)
    {
        var dot = siloName.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0) return true;
        var roles = siloName[..dot].Split('+');
        return !roles.All(Known.Contains) || roles.Contains(role);
    }
}

/// <summary>Chooses by the grain's id among the silos of the role: every silo chooses the same, and when one leaves only its grains
/// move.</summary>
public sealed class RoleDirector(ISiloStatusOracle silos) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var role = ((RolePlacement)strategy).Role;
        var able = context.GetCompatibleSilos(target)
            .Where(silo => silos.TryGetSiloName(silo, out var name) && SiloRoles.Has(name, role));
        var chosen = Rendezvous.Choose(target.GrainIdentity.GetUniformHashCode(), able);
        return chosen is null ? Task.FromException<SiloAddress>(Nobody(role)) : Task.FromResult(chosen);
    }

    private static FaultException Nobody(string role) => new(new Fault(
        FaultKind.Unavailable, "ETL4250", $"No silo has the role `{role}`.", null, $"Start one with: etl silo --roles {role}"));
}
