using Orleans.Serialization;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

[Trait("category", "runtime-only")]
public sealed class TypeNameTests
{
    [Theory]
    [InlineData("System.Collections.Generic.List`1<", 40)]
    [InlineData("System.Collections.Generic.List`1<", 200_000)]
    [InlineData("int[]", 200_000)]
    public void A_name_from_outside_without_end_is_refused(string part, int times) => Assert.Throws<SerializerException>(
        () => TypeNames.Resolve(string.Concat(Enumerable.Repeat(part, times))));
}
