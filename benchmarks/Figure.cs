using System.Text.Json;

namespace OrleansEtl.Bench;

/// <summary>One measured figure, as a line of JSON on stdout.</summary>
internal static class Figure
{
    private static readonly string Machine = Describe();

    public static void Print(string bench, string @case, string figure, double value, string unit)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("bench", bench);
            json.WriteString("case", @case);
            json.WriteString("figure", figure);
            json.WriteNumber("value", Math.Round(value, value < 100 ? 4 : 0));
            json.WriteString("unit", unit);
            json.WriteString("machine", Machine);
            json.WriteEndObject();
        }
        Console.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Describe()
    {
        var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name"))?.Split(':')[1].Trim() ?? "unknown";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        return $"{cpu}, {Environment.ProcessorCount} cores, {memory:0} GB, {Environment.OSVersion.VersionString}, .NET {Environment.Version}";
    }
}
