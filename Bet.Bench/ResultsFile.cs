using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bet.Bench;

/// <summary>Results as a JSON list of objects; of comparisons: name, ours_ms, peer_ms, ratio, detail, peer, runs, machine, ...</summary>
public static class ResultsFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write<T>(string path, IReadOnlyList<T> rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(rows, Options) + "\n");
    }

    public static IReadOnlyList<ComparisonRow> Read(string path) => Read<ComparisonRow>(path);

    public static IReadOnlyList<T> Read<T>(string path) =>
        JsonSerializer.Deserialize<List<T>>(File.ReadAllText(path), Options)
        ?? throw new JsonException($"{path}: not a list");
}
