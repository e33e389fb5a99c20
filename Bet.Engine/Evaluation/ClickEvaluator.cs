using Bet.Engine.Clicks;
using Bet.Engine.Compute;

namespace Bet.Engine.Evaluation;

/// <summary>Judges a click model by samples, which go through in blocks, so memory beyond the model stays flat.</summary>
public sealed class ClickEvaluator : IDisposable
{
    /// <summary>Samples scored at once: those of a large training batch, whose buffers serve here too.</summary>
    private const int BlockSamples = 2048;

    private readonly ClickRows rows;
    private readonly ClickBuffers buffers;

    /// <param name="backend">Where the model is.</param>
    /// <param name="rows">What it is judged by.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public ClickEvaluator(Backend backend, ClickRows rows)
    {
        if (rows.Count == 0)
            throw new ArgumentException("ClickEvaluator: there are no samples to judge by");
        this.rows = rows;
        buffers = new ClickBuffers(backend, rows);
    }

    /// <summary>The log-odds of a click by the model's weights as they are now, [n].</summary>
    public float[] Score(ClickModel model, CancellationToken cancel = default)
    {
        var (numbers, fields) = (buffers.Numbers, buffers.Fields);
        var scores = new float[rows.Count];
        for (int start = 0; start < rows.Count; start += BlockSamples)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(BlockSamples, rows.Count - start);
            var batch = buffers.Upload(
                rows.Numbers.AsSpan(start * numbers, count * numbers), rows.Categories.AsSpan(start * fields, count * fields), count);
            model.Score(batch, scores.AsSpan(start, count));
        }

        return scores;
    }

    /// <summary>The mean log loss alone.</summary>
    public double LogLoss(ClickModel model, CancellationToken cancel = default) =>
        ClickMetrics.LogLossOf(rows.Labels, Score(model, cancel));

    /// <exception cref="ArgumentException">A score is not a number: the model's training diverged.</exception>
    public ClickMetrics Evaluate(ClickModel model, CancellationToken cancel = default) =>
        ClickMetrics.Of(rows.Labels, Score(model, cancel));

    public void Dispose() => buffers.Dispose();
}
