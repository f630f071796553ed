using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public class LogicalHashTests(SharedPlace shared) : IClassFixture<SharedPlace>
{
    [Theory]
    [InlineData(
        "SELECT range a, range * 0.1::DOUBLE d FROM range(1000)",
        "SELECT range::INTEGER a, range * 0.1::DOUBLE d FROM range(1000) ORDER BY hash(range)", true)]
    [InlineData("SELECT 0.1::DOUBLE + 0.2::DOUBLE a", "SELECT 0.3::DOUBLE a", true)]
    [InlineData("SELECT 1000::DOUBLE a", "SELECT 999.9999999999999::DOUBLE a", true)]
    [InlineData("SELECT 1.0000005::DOUBLE a", "SELECT 1.0000004999999999::DOUBLE a", true)]
    [InlineData("SELECT 0.0::DOUBLE a", "SELECT -0.0::DOUBLE a", true)]
    [InlineData("SELECT 1.50::DECIMAL(9,2) a", "SELECT 1.5::DECIMAL(5,1) a", true)]
    [InlineData("SELECT NULL::INTEGER a", "SELECT NULL::VARCHAR a", true)]
    [InlineData("SELECT 1 a", "SELECT 2 a", false)]
    [InlineData("SELECT 1 a", "SELECT 1 b", false)]
    [InlineData("SELECT 1 a", "SELECT 1 a UNION ALL SELECT 1", false)]
    [InlineData("SELECT 1 a UNION ALL SELECT 1", "SELECT 2 a UNION ALL SELECT 2", false)]
    [InlineData("SELECT NULL a", "SELECT '' a", false)]
    [InlineData("SELECT 1 a, 2 b", "SELECT 2 a, 1 b", false)]
    [InlineData("SELECT 1.0001::DOUBLE a", "SELECT 1.0002::DOUBLE a", false)]
    [InlineData("SELECT 1 a WHERE false", "SELECT 1 a", false)]
    public void Equal_rows_have_equal_hashes_whatever_their_order(string left, string right, bool equal)
    {
        using var session = shared.Session();
        Assert.Equal(equal, LogicalHash.Of(session, left) == LogicalHash.Of(session, right));
    }
}
