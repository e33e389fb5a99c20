using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bet.Bench.Measures;

namespace Bet.Bench;

/// <summary>
/// <c>answer-steps</c>: this program as its own peer, in a process with other threads, other switches of the runtime or
/// its memory to itself. It speaks as the scripts of bench/peers do (see peer.py), and answers three more lines.
/// </summary>
internal static class StepCommand
{
    /// <summary>Asks for one evaluation: {"ms", "recall", "peak_mb"}.</summary>
    public const string Evaluate = "evaluate";

    /// <summary>Asks for {"resident_mb", "peak_mb", "managed_mb", "committed_mb"}.</summary>
    public const string Memory = "memory";

    /// <summary>Asks for {"weights": hash}.</summary>
    public const string Weights = "weights";

    private const string Name = "answer-steps";

    private static readonly Option<string?> Data = new("--data");
    private static readonly Option<int> Threads = new("--threads") { Required = true };
    private static readonly Option<ulong> Seed = new("--seed") { Required = true };

    public static Command Create()
    {
        var command = new Command(Name, "train LightGCN a step at a time, as asked on the standard input")
        {
            Hidden = true,
        };
        foreach (var option in new Option[] { Data, Threads, Seed })
            command.Add(option);
        command.SetAction(Serve);
        return command;
    }

    public static IReadOnlyList<string> Arguments(Workload work, int threads) =>
        [Name, "--data", work.Folder, "--threads", $"{threads}", "--seed", $"{work.Seed}"];

    private static int Serve(ParseResult parsed)
    {
        using var work = new Workload(parsed.GetValue(Data), parsed.GetValue(Threads), parsed.GetValue(Seed));
        using var ours = new RecommenderWork(work);
        Say(new { ready = $"BET: {work.Backend.Description}" });
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "run":
                    int times = int.Parse(words[1], CultureInfo.InvariantCulture);
                    double milliseconds = Timed(() => ours.Steps(times));
                    Say(new { ms = milliseconds / times, peak_mb = ResidentMemory.PeakMegabytes });
                    break;
                case Evaluate:
                    double recall = 0;
                    double evaluation = Timed(() => recall = ours.Evaluate());
                    Say(new { ms = evaluation, recall, peak_mb = ResidentMemory.PeakMegabytes });
                    break;
                case Memory:
                    var heap = GC.GetGCMemoryInfo();
                    Say(new
                    {
                        resident_mb = ResidentMemory.Megabytes,
                        peak_mb = ResidentMemory.PeakMegabytes,
                        managed_mb = GC.GetTotalMemory(false) / 1e6,
                        committed_mb = heap.TotalCommittedBytes / 1e6,
                    });
                    break;
                case Weights:
                    Say(new { weights = ours.WeightsHash() });
                    break;
                default:
                    return 0;
            }
        }

        return 0;
    }

    private static void Say<T>(T answer)
    {
        Console.WriteLine(JsonSerializer.Serialize(answer));
        Console.Out.Flush();
    }

    private static double Timed(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
