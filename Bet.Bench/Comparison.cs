using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Bet.Bench;

/// <summary>One line of the result.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="OursMs">Median wall time of ours, milliseconds.</param>
/// <param name="PeerMs">Median wall time of the peer, milliseconds; null where it cannot run here.</param>
/// <param name="Ratio">Peer over ours: how many times as fast ours is.</param>
/// <param name="Detail">Shapes, data, the spread of ours, what both agreed on.</param>
/// <param name="Peer">The peer in its own words, or why there is none.</param>
/// <param name="Runs">Runs of each, in turn, of which the medians are.</param>
/// <param name="Machine">Processor and vector width.</param>
/// <param name="Commit">State of the sources.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Date">UTC.</param>
/// <param name="OursMb">The most memory ours held, millions of bytes; null where only time is compared.</param>
/// <param name="PeerMb">The most memory the peer held; null as above, or where it cannot run here.</param>
public sealed record ComparisonRow(
    string Name, double OursMs, double? PeerMs, double? Ratio, string Detail, string Peer, int Runs, string Machine,
    string Commit, ulong Seed, string Date,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? OursMb = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? PeerMb = null);

/// <summary>How comparisons are made.</summary>
public sealed record ComparisonOptions(int Runs, int Threads, ulong Seed, string Python, bool WithPeers);

/// <summary>Measures ours and its peer in turn: ours, peer, ours, peer; after one run of each that does not count.</summary>
public static class Comparison
{
    /// <summary>
    /// Between the two, so that one side's threads have stopped spinning before the other starts: OpenBLAS's do so for
    /// 2^26 cycles after their last product.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    /// <summary>Largest relative difference of the two sides' check: float32 sums in another order.</summary>
    private const double Tolerance = 1e-3;

    public static ComparisonRow Run(MeasureCase measured, ComparisonOptions options, string machine, string commit)
    {
        var (peer, description) = StartPeer(measured, options);
        using (peer)
        {
            double? oursCheck = measured.Ours();
            double? peerCheck = peer?.Run().Check;
            var ours = new double[options.Runs];
            var theirs = new double[options.Runs];
            double? peerMegabytes = null;
            for (int run = 0; run < options.Runs; run++)
            {
                Thread.Sleep(Rest);
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < measured.Repeats; i++)
                    measured.Ours();
                ours[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / measured.Repeats;
                Thread.Sleep(Rest);
                var answer = peer?.Run(measured.Repeats) ?? default;
                (theirs[run], peerMegabytes) = (answer.Milliseconds, answer.PeakMegabytes);
            }

            double? oursMegabytes = measured.PeakMegabytes?.Invoke();
            if (oursMegabytes is null)
                peerMegabytes = null;

            double oursMs = Median(ours);
            double? peerMs = peer is null ? null : Median(theirs);
            string detail = $"{measured.Detail(oursMs)}; {ours.Min():0.#} to {ours.Max():0.#} ms"
                + Agreement(measured.CheckName, oursCheck, peerCheck);
            return new ComparisonRow(
                measured.Name, Math.Round(oursMs, 3), Rounded(peerMs), Rounded(peerMs / oursMs), detail, description,
                options.Runs, machine, commit, options.Seed, DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"),
                Rounded(oursMegabytes), Rounded(peerMegabytes));
        }
    }

    private static (Peer? Peer, string Description) StartPeer(MeasureCase measured, ComparisonOptions options)
    {
        if (!options.WithPeers)
            return (null, "no peer: left out");
        if (measured.PeerScript is { } script)
            return Peer.Start(options.Python, script, measured.PeerArguments);
        if (measured.StartPeer is not { } start)
            return (null, "no peer: nothing does the same");
        var peer = start();
        return (peer, peer.Description);
    }

    private static string Agreement(string? name, double? ours, double? peer)
    {
        if (name is null || ours is not { } a || peer is not { } b)
            return "";
        return Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b))
            ? $"; both find {name} {a:0.######}"
            : throw new InvalidOperationException($"not the same work: {name} is {a:0.######} for ours, {b:0.######} for the peer");
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
