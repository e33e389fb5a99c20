using System.Diagnostics;
using Bet.Engine.Autograd;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;

namespace Bet.Engine.Training;

/// <summary>What a training run says after every epoch.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs at most.</param>
/// <param name="Loss">Mean loss of the epoch's steps.</param>
/// <param name="Validation">The latest validation, if there was one yet.</param>
/// <param name="MillisecondsPerStep">Wall time of the epoch over its steps.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, double Loss, RankingMetrics? Validation, double MillisecondsPerStep);

/// <summary>How a training run ended. The backbone has the weights of <paramref name="BestEpoch"/>.</summary>
public sealed record TrainingOutcome(int Epochs, int BestEpoch, RankingMetrics Validation);

/// <summary>
/// Trains a backbone by Adam on batches of the training part, keeps the weights with the best validation quality and
/// stops when that no longer improves. The same inputs and seed give the same weights, bit for bit.
/// </summary>
public sealed class Trainer : IDisposable
{
    private readonly Backend backend;
    private readonly Backbone backbone;
    private readonly Parameter[] parameters;
    private readonly TrainingOptions options;
    private readonly BatchSampler sampler;
    private readonly Tape tape;
    private readonly Dictionary<int, Batch> batches = [];
    private readonly int[] users;
    private readonly int[] positives;
    private readonly int[] negatives;
    private readonly RankingEvaluator evaluator;
    private readonly List<float[]> best = [];
    private int steps;

    /// <param name="backend">Where it is computed.</param>
    /// <param name="backbone">Trained in place; must not be disposed before the trainer.</param>
    /// <param name="data">Its training part is trained on.</param>
    /// <param name="options">Epochs, batch, rate, stopping.</param>
    /// <param name="seed">Of the order of interactions and the negatives.</param>
    /// <param name="evaluator">Validates; owned by the caller.</param>
    public Trainer(
        Backend backend, Backbone backbone, PreparedDataset data, TrainingOptions options, ulong seed,
        RankingEvaluator evaluator)
    {
        (this.backend, this.backbone, this.options, this.evaluator) = (backend, backbone, options, evaluator);
        parameters = [.. backbone.Parameters];
        sampler = new BatchSampler(data.Train, options.BatchSize, seed);
        tape = new Tape(backend);
        int largest = Math.Min(options.BatchSize, data.Train.Count);
        users = new int[largest];
        positives = new int[largest];
        negatives = new int[largest];
    }

    /// <summary>Trains to the end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; noticed after every step.</exception>
    public TrainingOutcome Train(Action<TrainingProgress>? progress, CancellationToken cancel)
    {
        RankingMetrics? validation = null, bestValidation = null;
        int bestEpoch = 0, epoch = 0, withoutImprovement = 0;
        while (epoch < options.Epochs && withoutImprovement < options.Patience)
        {
            var clock = Stopwatch.StartNew();
            double loss = TrainEpoch(epoch++, cancel);
            double milliseconds = clock.Elapsed.TotalMilliseconds / sampler.StepsPerEpoch;
            if (epoch % options.EvaluateEvery == 0 || epoch == options.Epochs)
            {
                validation = evaluator.Evaluate(backbone, cancel);
                withoutImprovement++;
                if (bestValidation is null || Quality.Of(validation) > Quality.Of(bestValidation))
                {
                    (bestValidation, bestEpoch, withoutImprovement) = (validation, epoch, 0);
                    KeepWeights();
                }
            }

            progress?.Invoke(new TrainingProgress(epoch, options.Epochs, loss, validation, milliseconds));
        }

        if (bestEpoch != epoch)
            RestoreWeights();
        return new TrainingOutcome(epoch, bestEpoch, bestValidation!);
    }

    /// <summary>One optimisation step on one batch. Returns the loss.</summary>
    public double TrainStep(int epoch, int step)
    {
        int count = sampler.BatchCount(step);
        sampler.Fill(epoch, step, users.AsSpan(0, count), positives.AsSpan(0, count), negatives.AsSpan(0, count));
        var batch = BatchOf(count);
        backend.Upload(users.AsSpan(0, count), batch.Users);
        backend.Upload(positives.AsSpan(0, count), batch.Positives);
        backend.Upload(negatives.AsSpan(0, count), batch.Negatives);

        tape.Begin();
        backbone.RecordLoss(tape, batch, options.L2);
        tape.Backward();

        steps++;
        var adam = new AdamStep(steps, options.Schedule.At(steps, options.Epochs * sampler.StepsPerEpoch));
        foreach (var p in parameters)
            backend.Adam(adam, p.Gradient, p.Value, p.FirstMoment, p.SecondMoment, p.RowSizes);
        return tape.Loss;
    }

    public void Dispose()
    {
        tape.Dispose();
        foreach (var batch in batches.Values)
        {
            batch.Users.Dispose();
            batch.Positives.Dispose();
            batch.Negatives.Dispose();
        }
    }

    private double TrainEpoch(int epoch, CancellationToken cancel)
    {
        double loss = 0;
        for (int step = 0; step < sampler.StepsPerEpoch; step++)
        {
            cancel.ThrowIfCancellationRequested();
            loss += TrainStep(epoch, step);
        }

        return double.IsFinite(loss)
            ? loss / sampler.StepsPerEpoch
            : throw new InvalidOperationException(
                $"training diverged in epoch {epoch + 1}: the loss is {loss}; a smaller learningRate would do");
    }

    private Batch BatchOf(int count)
    {
        if (!batches.TryGetValue(count, out var batch))
        {
            batch = new Batch(backend.AllocateIds(count), backend.AllocateIds(count), backend.AllocateIds(count));
            batches[count] = batch;
        }

        return batch;
    }

    private void KeepWeights()
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            if (i == best.Count)
                best.Add(new float[parameters[i].Value.Length]);
            backend.Download(parameters[i].Value, best[i]);
        }
    }

    private void RestoreWeights()
    {
        for (int i = 0; i < best.Count; i++)
            backend.Upload(best[i], parameters[i].Value);
    }
}
