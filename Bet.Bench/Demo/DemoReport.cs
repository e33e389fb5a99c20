using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Demo;

/// <summary>What was found, beside the full table and uniform sizes under the same budget.</summary>
public static class DemoReport
{
    public static void Write(TextWriter writer, JsonElement search, DirectoryInfo folder, string[] names)
    {
        var budget = search.GetProperty("budget");
        long allowed = budget.GetProperty("maximumBytes").GetInt64();
        var rows = search.GetProperty("results").EnumerateArray().ToList();
        writer.WriteLine();
        writer.WriteLine("table                 bytes   Recall@20   NDCG@20   budget, bytes   share used");
        string found = search.GetProperty("options").GetProperty("method").GetString()!;
        foreach (var (name, title) in new[] { ("full", "full size"), ("uniform", "uniform sizes"), (found, "found") })
        {
            if (rows.FirstOrDefault(row => row.GetProperty("name").GetString() == name) is { ValueKind: JsonValueKind.Object } row)
                writer.WriteLine(Line(title, row, name == "full" ? null : allowed));
        }

        writer.WriteLine();
        writer.WriteLine($"In {folder}: {string.Join(", ", names)}");
        writer.WriteLine(
            $"""

            How to read it: "full size" is the table without a budget, every row at its full width. "Uniform sizes" gives
            every row the same size, so that the whole stays within the budget, in as many bits a value as the found
            table has. "Found" is the searched table, within the same budget, and what table.safetensors holds; or the
            uniform one, where that was better on the validation part. Recall and NDCG are on the test part, which no
            training and no choice has seen; higher is better. Bytes are all that a server must hold to look up any row.
            report.html tells the rest; python3 {folder}/bet_rank.py --help says how to rank with it.
            """);
    }

    private static string Line(string title, JsonElement row, long? allowed)
    {
        long bytes = row.GetProperty("bytes").GetInt64();
        var test = row.GetProperty("test");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{title,-14} {bytes,12:N0} {At20(test, "recall"),11:F4} {At20(test, "ndcg"),9:F4} ")
            + (allowed is { } limit
                ? string.Create(CultureInfo.InvariantCulture, $"{limit,15:N0} {(double)bytes / limit,11:P2}")
                : $"{"none",15} {"-",11}");
    }

    internal static double At20(JsonElement metrics, string name)
    {
        int place = metrics.GetProperty("cutoffs").EnumerateArray().Select(k => k.GetInt32()).ToList().IndexOf(20);
        return metrics.GetProperty(name)[place].GetDouble();
    }
}
