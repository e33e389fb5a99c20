using System.Diagnostics;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;

namespace Bet.Engine.Training;

/// <summary>
/// Trains a backbone by Adam on batches of the training part, keeps the weights with the best validation quality and
/// stops when that no longer improves. The same inputs and seed give the same weights, bit for bit, in one go or
/// stopped and resumed.
/// </summary>
public sealed class Trainer : IResumableTraining<TrainingProgress, TrainingOutcome>, IDisposable
{
    private readonly Backend backend;
    private readonly Backbone backbone;
    private readonly Parameter[] parameters;
    private readonly TrainingOptions options;
    private readonly RankingLoss loss;
    private readonly TrainingBatches batches;
    private readonly RankingEvaluator? evaluator;
    private readonly TrainingCheckpoint<TrainingState> checkpoint;
    private readonly BestValues best;
    private TrainingState state = new();

    /// <param name="backend">Where it is computed.</param>
    /// <param name="backbone">Trained in place; must not be disposed before the trainer.</param>
    /// <param name="data">Its training part is trained on.</param>
    /// <param name="options">Epochs, batch, rate, loss, stopping.</param>
    /// <param name="seed">Of the order of interactions and the negatives.</param>
    /// <param name="evaluator">
    /// Validates; owned by the caller. Null: trains all epochs and ends with the last one's weights.
    /// </param>
    public Trainer(
        Backend backend, Backbone backbone, PreparedDataset data, TrainingOptions options, ulong seed,
        RankingEvaluator? evaluator)
    {
        (this.backend, this.backbone, this.options, this.evaluator) = (backend, backbone, options, evaluator);
        parameters = [.. backbone.Parameters];
        loss = LossRegistry.Create(options.Loss);
        int batchSize = options.BatchSize ?? BatchSizes.DefaultFor(data.Train.Count);
        batches = new TrainingBatches(backend, data.Train, batchSize, loss.SharedNegatives, seed);
        string run = JsonSerializer.Serialize(
            new { Backbone = backbone.GetType().Name, data.SplitHash, Seed = seed, Options = options }, ArtifactJson.Compact);
        TrainedTensor[] trained = [.. parameters.Select(parameter => TrainedTensor.Of(parameter, Optimiser.Adam))];
        checkpoint = new TrainingCheckpoint<TrainingState>(backend, trained, Optimiser.Adam, run);
        best = new BestValues(backend, trained);
    }

    /// <summary>
    /// What the best quality was after every validation of a training that this one must not fall behind: it ends where it has.
    /// </summary>
    public IReadOnlyList<double> Rival { get; init; } = [];

    /// <summary>Whether its best quality is less than <see cref="Rival"/>'s was after as many validations.</summary>
    public bool IsBehind => state.Bests.Count is > 0 and var validated && validated <= Rival.Count && state.Bests[^1] < Rival[validated - 1];

    /// <summary>Steps of an epoch.</summary>
    public int StepsPerEpoch => batches.StepsPerEpoch;

    /// <summary>
    /// Trains to the end, or until it falls behind, from the start or from where <see cref="Load"/> or a cancelled call left off.
    /// </summary>
    /// <param name="progress">Told after every epoch, on this thread; may call <see cref="Save"/>.</param>
    /// <param name="cancel">Noticed after every step.</param>
    /// <exception cref="OperationCanceledException">Cancelled. <see cref="Save"/> keeps what was done.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public TrainingOutcome Train(IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        while (state.ValidationDue || (state.Epoch < options.Epochs && state.WithoutImprovement < options.Patience && !IsBehind))
        {
            double milliseconds = state.ValidationDue ? 0 : TrainEpoch(cancel);
            if (state.ValidationDue)
                Validate(evaluator!.Evaluate(backbone, cancel));
            progress?.Report(new TrainingProgress(
                state.Epoch, options.Epochs, state.LastLoss, state.Validation, milliseconds, RateOf(state.Steps),
                Environment.WorkingSet));
        }

        if (evaluator is null)
            return new TrainingOutcome(state.Epoch, state.Epoch, null);
        if (state.BestEpoch != state.Epoch)
            best.Restore();
        return new TrainingOutcome(state.Epoch, state.BestEpoch, state.BestValidation) { Bests = state.Bests };
    }

    /// <summary>One optimisation step on one batch. Returns the loss. Allocates nothing once warm.</summary>
    public double TrainStep(int epoch, int step)
    {
        var batch = batches.Next(state.Steps, epoch, step);
        backbone.Tape.Begin();
        backbone.RecordLoss(batch, loss, options.Decay);
        backbone.Tape.Backward();

        state.Steps++;
        var adam = new OptimiserStep(Optimiser.Adam, state.Steps, RateOf(state.Steps), Beta2: options.Beta2);
        foreach (var p in parameters)
            backend.Update(adam, p.Gradient, p.Value, p.StatesOf(adam.Kind), p.RowSizes);

        return backbone.Tape.Loss;
    }

    /// <summary>
    /// Writes all that <see cref="Load"/> needs to go on with the same bits: call it from the progress of
    /// <see cref="Train"/> or after it was cancelled.
    /// </summary>
    public void Save(Stream stream) => checkpoint.Write(stream, state, best.Values);

    /// <summary>Goes on where <see cref="Save"/> was called, by a trainer of the same inputs.</summary>
    /// <param name="stream">Seekable.</param>
    /// <exception cref="InvalidDataException">Not a checkpoint, or one of another run.</exception>
    public void Load(Stream stream)
    {
        (state, var kept) = checkpoint.Read(stream);
        best.Take(kept);
    }

    public void Dispose() => batches.Dispose();

    private float RateOf(int step) =>
        options.Schedule.At(step, (int)Math.Min(int.MaxValue, (long)options.Epochs * batches.StepsPerEpoch));

    /// <summary>Trains what is left of an epoch. Returns the milliseconds of a step.</summary>
    private double TrainEpoch(CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        int steps = batches.StepsPerEpoch - state.StepOfEpoch;
        for (; state.StepOfEpoch < batches.StepsPerEpoch; state.StepOfEpoch++)
        {
            cancel.ThrowIfCancellationRequested();
            state.EpochLoss += TrainStep(state.Epoch, state.StepOfEpoch);
        }

        state.LastLoss = state.EpochLoss / batches.StepsPerEpoch;
        state.Epoch++;
        (state.StepOfEpoch, state.EpochLoss) = (0, 0);
        state.ValidationDue = evaluator is not null
            && (state.Epoch % options.EvaluateEvery == 0 || state.Epoch == options.Epochs);
        return double.IsFinite(state.LastLoss)
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds / steps
            : throw new InvalidOperationException(
                $"training diverged in epoch {state.Epoch}: the loss is {state.LastLoss}; a smaller learningRate would do");
    }

    private void Validate(RankingMetrics metrics)
    {
        state.Validation = metrics;
        state.ValidationDue = false;
        state.WithoutImprovement++;
        if (state.BestValidation is null || Quality.Of(metrics) > Quality.Of(state.BestValidation))
        {
            (state.BestValidation, state.BestEpoch, state.WithoutImprovement) = (metrics, state.Epoch, 0);
            best.Keep();
        }

        state.Bests.Add(Quality.Of(state.BestValidation));
    }
}
