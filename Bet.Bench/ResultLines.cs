using System.Text.Json;

namespace Bet.Bench;

/// <summary>Results as lines of JSON, one a run.</summary>
public static class ResultLines
{
    /// <summary>Adds a line with the row, the state of the program, the machine and the time.</summary>
    public static void Append(string file, object row)
    {
        var line = JsonSerializer.SerializeToNode(row, JsonSerializerOptions.Web)!.AsObject();
        line["commit"] = Repository.Commit();
        line["machine"] = Repository.Machine();
        line["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.AppendAllText(file, line.ToJsonString() + "\n");
        Console.WriteLine(line.ToJsonString());
    }

    /// <summary>All rows of a file; none where there is no such file.</summary>
    public static IReadOnlyList<T> Read<T>(string file) =>
        File.Exists(file) ? [.. File.ReadLines(file).Select(line => JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!)] : [];
}
