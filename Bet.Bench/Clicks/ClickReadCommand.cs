using System.CommandLine;
using System.Diagnostics;
using Bet.Bench.Tables;
using Bet.Engine.Clicks;
using Bet.Engine.Data;

namespace Bet.Bench.Clicks;

/// <summary>What reading and splitting a file took; a line of bench/results/clicks-read.jsonl.</summary>
/// <param name="Rows">Samples.</param>
/// <param name="Categories">That the rows are drawn from, of all fields.</param>
/// <param name="Seen">Categories that occur.</param>
/// <param name="TextBytes">Of the file.</param>
/// <param name="ReadSeconds">From the file to a <see cref="ClickSet"/>.</param>
/// <param name="ReadPeakBytes">The most that the process held more than before meanwhile.</param>
/// <param name="SplitSeconds">To the three parts, renumbered by frequency.</param>
/// <param name="PeakBytes">The most that the process has held in all.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Date">When it ended.</param>
public sealed record ClickReadRow(
    int Rows, int Categories, long Seen, long TextBytes, double ReadSeconds, long? ReadPeakBytes, double SplitSeconds, long PeakBytes,
    string Commit = "", string Machine = "", string Date = "");

/// <summary><c>click-read</c>: how fast and in how much memory a file of Criteo's format is read and split.</summary>
public static class ClickReadCommand
{
    private const ulong Seed = 1;

    public static Command Create()
    {
        var rows = new Option<int>("--rows") { DefaultValueFactory = _ => 4_000_000 };
        var categories = new Option<int>("--categories") { Description = "of all fields", DefaultValueFactory = _ => 30_000_000 };
        var folder = new Option<string>("--folder") { Description = "where the generated file is put, and deleted again", DefaultValueFactory = _ => Path.GetTempPath() };
        var json = new Option<string>("--json") { Description = "a file that a line is added to", DefaultValueFactory = _ => ClickReadTable.Results };
        var command = new Command("click-read", "speed and memory of reading and splitting a generated file in Criteo's format");
        foreach (var option in new Option[] { rows, categories, folder, json })
            command.Add(option);
        command.SetAction(parsed =>
        {
            string path = Path.Combine(parsed.GetValue(folder)!, $"bet-clicks-{Guid.NewGuid():n}.txt");
            try
            {
                var options = SyntheticClickOptions.Criteo(parsed.GetValue(rows), parsed.GetValue(categories), Seed);
                using (var stream = File.Create(path))
                    SyntheticClicks.WriteCriteo(options, stream);
                ResultLines.Append(parsed.GetValue(json)!, Measure(path, options.Rows, parsed.GetValue(categories)));
            }
            finally
            {
                File.Delete(path);
            }

            ResultsPage.Write(TableOneCommand.Results);
            return 0;
        });
        return command;
    }

    private static ClickReadRow Measure(string path, int rows, int categories)
    {
        var memory = new PeakMemory();
        var clock = Stopwatch.StartNew();
        var set = memory.Watch(() => ClickReader.Read([DatasetFile.OnDisk(path)], new ClickFormat()));
        double read = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var split = ClickSplitter.Split(set, new ClickSplitOptions(ClickSplitKind.ByOrder, 6.0 / 7, 1.0 / 14), Seed);
        double splitting = clock.Elapsed.TotalSeconds;
        if (split.Train.Count + split.Validation.Count + split.Test.Count != rows)
            throw new InvalidOperationException($"{rows} rows were written, {split.Train.Count} + {split.Validation.Count} + {split.Test.Count} read");
        return new ClickReadRow(
            rows, categories, set.Ids.Sum(ids => (long)ids.Count), new FileInfo(path).Length, Math.Round(read, 2), memory.Growth,
            Math.Round(splitting, 2), PeakMemory.Highest());
    }
}
