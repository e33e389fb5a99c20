using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Demo;

/// <summary>The demo's closing table.</summary>
internal static class DemoReport
{
    public static void Print(JsonElement search, DemoOptions options)
    {
        var budget = search.GetProperty("budget");
        long allowed = budget.GetProperty("maximumBytes").GetInt64();
        JsonElement[] rows = [.. search.GetProperty("results").EnumerateArray()];
        Console.WriteLine();
        Console.WriteLine($"{"table",-10} {"values",12} {"bytes",12} {"of budget",10} {"Recall@20",10} {"NDCG@20",10}   (test part)");
        foreach (var (name, row) in Chosen(rows))
        {
            long bytes = row.GetProperty("bytes").GetInt64();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-10} {row.GetProperty("values").GetInt64(),12} {bytes,12} {100.0 * bytes / allowed,9:0.00}% " +
                $"{At20(row, "recall"),10:0.0000} {At20(row, "ndcg"),10:0.0000}"));
        }

        Console.WriteLine();
        Console.WriteLine($"The bundle lies in {options.Out}. To see the tables as dense arrays:");
        Console.WriteLine($"  python3 {options.Out}/bet_table.py {options.Out}/table.safetensors --dense users.npy items.npy");
    }

    /// <summary>Full size, uniform sizes and the best table that was found, which the server lists before other finds.</summary>
    private static IEnumerable<(string Name, JsonElement Row)> Chosen(JsonElement[] rows)
    {
        foreach (string name in (string[])["full", "uniform", "bet"])
        {
            var row = rows.FirstOrDefault(row => row.GetProperty("name").GetString() == name);
            if (row.ValueKind == JsonValueKind.Object)
                yield return (name == "bet" ? "found" : name, row);
        }
    }

    private static double At20(JsonElement row, string metric)
    {
        var test = row.GetProperty("test");
        int[] cutoffs = [.. test.GetProperty("cutoffs").EnumerateArray().Select(k => k.GetInt32())];
        return test.GetProperty(metric)[Array.IndexOf(cutoffs, 20)].GetDouble();
    }
}
