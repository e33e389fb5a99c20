using System.Runtime.InteropServices;
using Bet.Engine.Clicks;

namespace Bet.Bench.Clicks;

/// <summary>The same DLRM in PyTorch: it begins with our values and is trained on our batches, passed through files.</summary>
public sealed class ClickScalePeer : IDisposable
{
    private readonly DirectoryInfo folder;
    private readonly ClickScaleOptions options;
    private readonly Peer peer;

    /// <exception cref="UsageException">The peer does not run here; the message says why.</exception>
    public ClickScalePeer(ClickScaleOptions options, ClickScaleRun ours, string python)
    {
        this.options = options;
        folder = Directory.CreateTempSubdirectory("bet-bench-");
        WriteRows("train", ours.InOrder());
        WriteRows("judged", ours.Judged);
        using (var weights = File.Create(Path.Combine(folder.FullName, "weights.bin")))
        {
            foreach (float[] values in ours.Weights())
                weights.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        var (started, description) = Peer.Start(python, "dlrm.py",
        [
            "--folder", folder.FullName, "--threads", $"{options.Threads}", "--batch", $"{options.Batch}",
            "--columns", $"{ClickScaleOptions.Size}", "--sizes", string.Join(',', ours.Categories),
        ]);
        if (started is null)
            folder.Delete(recursive: true);
        peer = started ?? throw new UsageException(description);
    }

    public string Description => peer.Description;

    /// <summary>The most it held resident since its model was made, in bytes.</summary>
    public long PeakBytes { get; private set; }

    public double LogLoss() => peer.Ask("loss 1").GetProperty("loss").GetDouble();

    /// <summary>Samples a second of the next steps.</summary>
    public double Train(int steps)
    {
        var run = peer.Run(steps);
        PeakBytes = (long)(run.PeakMegabytes!.Value * 1e6);
        return options.Batch * 1000 / run.Milliseconds;
    }

    public void Dispose()
    {
        peer.Dispose();
        folder.Delete(recursive: true);
    }

    private void WriteRows(string name, ClickRows rows)
    {
        Write("labels", rows.Labels);
        Write("numbers", MemoryMarshal.AsBytes(rows.Numbers.AsSpan()));
        Write("categories", MemoryMarshal.AsBytes(rows.Categories.AsSpan()));

        void Write(string part, ReadOnlySpan<byte> bytes)
        {
            using var file = File.Create(Path.Combine(folder.FullName, $"{name}-{part}.bin"));
            file.Write(bytes);
        }
    }
}
