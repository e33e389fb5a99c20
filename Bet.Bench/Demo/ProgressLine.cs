using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Demo;

/// <summary>How far a search is: one line that changes on a terminal, else a line for each step.</summary>
public sealed class ProgressLine(TextWriter writer, bool terminal)
{
    private const int Width = 110;
    private string? lastStep;

    public void Show(JsonElement search)
    {
        var at = search.GetProperty("progress");
        string step = at.GetProperty("step").GetString() ?? "queued";
        string left = search.GetProperty("secondsLeft") is { ValueKind: JsonValueKind.Number } seconds
            ? $", about {seconds.GetDouble().ToString("F0", CultureInfo.InvariantCulture)} s left"
            : "";
        string detail = at.GetProperty("detail").GetString() is { Length: > 0 } said ? $": {said}" : "";
        string line =
            $"[{at.GetProperty("stepsDone").GetInt32()}/{at.GetProperty("steps").GetInt32()}] {step}{left}{detail}";
        if (terminal)
            writer.Write("\r" + (line.Length > Width ? line[..Width] : line.PadRight(Width)));
        else if (step != lastStep)
            writer.WriteLine(line);
        lastStep = step;
    }

    public void End()
    {
        if (terminal)
            writer.WriteLine();
    }
}
