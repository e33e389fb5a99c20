using System.CommandLine;
using Bet.Bench.Tables;

namespace Bet.Bench.Clicks;

/// <summary><c>click-scale</c>: samples a second and memory of DLRM with very many categories, alone or in turn with PyTorch.</summary>
public static class ClickScaleCommand
{
    /// <summary>Of the losses of both sides, before training: float32 sums in another order.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>So that one side's threads have stopped spinning before the other starts; see <see cref="Comparison"/>.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var peer = new Option<bool>("--peer") { Description = "also PyTorch, in turn with ours, with full tables" };
        var categories = new Option<int?>("--categories") { Description = "of all fields; 30 million, with --peer 1 million" };
        var method = new Option<string?>("--method") { Description = "how fields are stored; quotient-remainder-multiply, with --peer full" };
        var collisions = Number("--collisions", "categories of a row of a field's first table", 4);
        var batch = Number("--batch", "samples of a step", 2048);
        var steps = Number("--steps", "of a run", 200);
        var runs = Number("--runs", "whose median counts", 3);
        var threads = Number("--threads", "of both sides", Environment.ProcessorCount);
        var json = new Option<string>("--json") { Description = "a file that a line is added to", DefaultValueFactory = _ => ClickScaleTable.Results };
        var command = new Command("click-scale", "samples a second and memory of DLRM with very many categories");
        foreach (var option in new Option[] { peer, categories, method, collisions, batch, steps, runs, threads, json, CompareCommand.Python })
            command.Add(option);
        command.SetAction(parsed =>
        {
            bool withPeer = parsed.GetValue(peer);
            string stored = parsed.GetValue(method) ?? (withPeer ? "full" : "quotient-remainder-multiply");
            if (withPeer && stored != "full")
                throw new UsageException("the peer has full tables: --peer goes with --method full");
            var options = new ClickScaleOptions(
                parsed.GetValue(categories) ?? (withPeer ? 1_000_000 : 30_000_000), stored, stored == "full" ? 1 : parsed.GetValue(collisions),
                parsed.GetValue(batch), parsed.GetValue(steps), parsed.GetValue(runs), parsed.GetValue(threads));
            ResultLines.Append(parsed.GetValue(json)!, Run(options, withPeer ? parsed.GetValue(CompareCommand.Python) : null));
            ResultsPage.Write(TableOneCommand.Results);
            return 0;
        });
        return command;
    }

    /// <param name="options">What is trained.</param>
    /// <param name="python">The peer's interpreter; null for ours alone.</param>
    private static ClickScaleRow Run(ClickScaleOptions options, string? python)
    {
        using var ours = new ClickScaleRun(options);
        using var peer = python is null ? null : new ClickScalePeer(options, ours, python);
        double before = ours.LogLoss();
        double? peerBefore = peer?.LogLoss();
        if (Math.Abs(before - (peerBefore ?? before)) > Tolerance)
            throw new InvalidOperationException($"not the same model: the loss before is {before:0.######} for ours, {peerBefore:0.######} for the peer");
        ours.Train(ClickScaleOptions.Warm);
        peer?.Train(ClickScaleOptions.Warm);
        var speeds = new double[options.Runs];
        var peerSpeeds = peer is null ? null : new double[options.Runs];
        double load = Repository.LoadAverage();
        for (int run = 0; run < options.Runs; run++)
        {
            Thread.Sleep(Rest);
            speeds[run] = Math.Round(ours.Train(options.Steps));
            if (peer is null)
                continue;
            Thread.Sleep(Rest);
            peerSpeeds![run] = Math.Round(peer.Train(options.Steps));
        }

        return new ClickScaleRow(
            options.Categories, options.Method, options.Collisions, ours.TableBytes, options.Batch, options.Threads, options.Steps,
            speeds, PeakMemory.Highest(), before, ours.LogLoss(), [load, Repository.LoadAverage()],
            peer?.Description, peerSpeeds, peer?.PeakBytes, peerBefore, peer?.LogLoss());
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
