using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Demo;

/// <summary>What was found of click data, beside the full tables and those compared with under the same budget.</summary>
public static class ClickReport
{
    public static void Write(TextWriter writer, JsonElement search, DirectoryInfo folder, string[] names)
    {
        long allowed = search.GetProperty("budget").GetProperty("maximumBytes").GetInt64();
        var rows = search.GetProperty("clickResults").EnumerateArray().ToList();
        string method = search.GetProperty("clickOptions").GetProperty("method").GetString()!;
        var found = rows.Where(row => NameOf(row) == method).Take(1);
        writer.WriteLine();
        writer.WriteLine($"{"tables",-28} {"bytes",14} {"log loss",9} {"AUC",7} {"budget, bytes",15} {"share used",11}");
        foreach (var row in rows.Where(row => NameOf(row) != method).Concat(found))
            writer.WriteLine(Line(row, method, NameOf(row) == "full" ? null : allowed));
        writer.WriteLine();
        writer.WriteLine($"In {folder}: {string.Join(", ", names)}");
        writer.WriteLine(
            $"""

            How to read it: "full size" are the tables without a budget, a row of float32 for every category of every field.
            "Found" are the searched ones, all fields together within the budget, and what fields.safetensors holds; the rows
            between have the same budget, in float32. Log loss (lower is better) and AUC (higher is better) are on the test
            part, which no training and no choice has seen. Bytes are all that a server must hold to look up any category.
            report.html tells the rest; python3 {folder}/bet_score.py --help says how to score with it.
            """);
    }

    private static string NameOf(JsonElement row) => row.GetProperty("name").GetString()!;

    private static string Line(JsonElement row, string method, long? allowed)
    {
        string name = NameOf(row);
        string title = name == method ? "found" : name == "full" ? "full size" : name;
        long bytes = row.GetProperty("bytes").GetInt64();
        var test = row.GetProperty("test");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{title,-28} {bytes,14:N0} {Value(test, "logLoss"),9:F5} {Value(test, "auc"),7:F4} ")
            + (allowed is { } limit
                ? string.Create(CultureInfo.InvariantCulture, $"{limit,15:N0} {(double)bytes / limit,11:P2}")
                : $"{"none",15} {"-",11}");
    }

    internal static double Value(JsonElement metrics, string name) =>
        metrics.GetProperty(name).GetProperty("value") is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : double.NaN;
}
