using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>An attribute of a constructor parameter that makes the argument in place of the container.</summary>
internal interface IGrainFacet
{
    object Make(IGrainContext context, ParameterInfo parameter);
}

/// <summary>Makes instances of grain classes: the first public constructor, services and facets as arguments.</summary>
internal sealed class GrainConstructors
{
    private readonly ConcurrentDictionary<Type, Plan> _plans = new();

    public object Make(Type type, IServiceProvider services, IGrainContext context)
    {
        var plan = _plans.GetOrAdd(type, static type => Plan.Of(type));
        if (plan.Parameters.Length == 0) return plan.Constructor.Invoke();
        var arguments = new object?[plan.Parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            var (parameter, facet, key) = plan.Parameters[i];
            arguments[i] = facet is not null ? facet.Make(context, parameter)
                : parameter.ParameterType == typeof(IGrainContext) ? context
                : key is not null ? services.GetRequiredKeyedService(parameter.ParameterType, key)
                : parameter.HasDefaultValue
                    ? services.GetService(parameter.ParameterType) ?? parameter.DefaultValue
                    : services.GetRequiredService(parameter.ParameterType);
        }

        return plan.Constructor.Invoke(arguments.AsSpan());
    }

    private sealed record Plan(
        ConstructorInvoker Constructor, (ParameterInfo Parameter, IGrainFacet? Facet, object? Key)[] Parameters)
    {
        public static Plan Of(Type type)
        {
            var constructor = type.GetConstructors().FirstOrDefault()
                ?? throw new InvalidOperationException($"{type} has no public constructor.");
            var parameters = constructor.GetParameters().Select(parameter => (
                parameter,
                parameter.GetCustomAttributes().OfType<IGrainFacet>().FirstOrDefault(),
                parameter.GetCustomAttribute<FromKeyedServicesAttribute>()?.Key));
            return new(ConstructorInvoker.Create(constructor), [.. parameters]);
        }
    }
}
