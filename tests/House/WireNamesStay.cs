using System.Reflection;
using Orleans;

namespace OrleansEtl.House.Tests;

/// <summary>Names in messages and in the store: a name that was ever used keeps its meaning, or old journals cannot be read.</summary>
public class WireNamesStay
{
    private static readonly string[] Golden = [.. Repository.Read("tests/House/wire-names.golden.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    private static readonly string[] Now = [.. typeof(WireNames).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => $"{f.Name} {f.GetRawConstantValue()}").Order(StringComparer.Ordinal)];

    [Fact]
    public void No_wire_name_is_used_twice() => Law.Holds(
        Now.Select(n => n.Split(' ')[1]).GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key!));

    [Fact]
    public void No_wire_name_is_renamed_or_removed() => Law.Holds(Golden.Except(Now));

    [Fact]
    public void A_new_wire_name_is_added_to_the_golden_file() => Law.Holds(Now.Except(Golden));

    [Fact]
    public void Every_type_that_travels_has_a_wire_name_of_its_own()
    {
        var travelling = typeof(WireNames).Assembly.GetTypes()
            .Where(t => t.GetCustomAttributes().Any(a => a.GetType().Name == "GenerateSerializerAttribute")).ToArray();
        var aliases = travelling.Select(t => (Type: t, Alias: t.GetCustomAttribute<AliasAttribute>()?.Alias)).ToArray();
        Assert.NotEmpty(travelling);
        Law.Holds(aliases.Where(a => a.Alias is null).Select(a => a.Type.FullName!));
        Law.Holds(aliases.GroupBy(a => a.Alias).Where(g => g.Count() > 1).Select(g => g.Key!));
    }
}
