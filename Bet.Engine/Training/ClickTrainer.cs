using System.Diagnostics;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;

namespace Bet.Engine.Training;

/// <summary>
/// Trains a click model on batches of the training part, its dense weights and the rows that a batch reads by one optimiser;
/// keeps the weights with the least validation log loss and stops when that no longer falls. The same inputs and seed give the
/// same weights, bit for bit, for any number of threads, in one go or stopped and resumed.
/// </summary>
public sealed class ClickTrainer : IResumableTraining<ClickTrainingProgress, ClickTrainingOutcome>, IDisposable
{
    private readonly Backend backend;
    private readonly ClickModel model;
    private readonly Parameter[] parameters;
    private readonly ClickTrainingOptions options;
    private readonly ClickBatches batches;
    private readonly ClickEvaluator? evaluator;
    private readonly TrainingCheckpoint<ClickTrainingState> checkpoint;
    private readonly BestValues best;
    private ClickTrainingState state = new();

    /// <param name="backend">Where it is computed.</param>
    /// <param name="model">Trained in place, with its features; must not be disposed before the trainer.</param>
    /// <param name="data">Its training part is trained on.</param>
    /// <param name="options">Epochs, batch, optimiser, rate, stopping.</param>
    /// <param name="seed">Of the order of the samples.</param>
    /// <param name="evaluator">
    /// Validates; owned by the caller. Null: trains all epochs and ends with the last step's weights.
    /// </param>
    /// <exception cref="ArgumentException">Options are out of range, or data and model do not fit; the message says how.</exception>
    public ClickTrainer(
        Backend backend, ClickModel model, PreparedClicks data, ClickTrainingOptions options, ulong seed, ClickEvaluator? evaluator)
    {
        options.Validate();
        if (data.Train.Count == 0)
            throw new ArgumentException("ClickTrainer: the training part has no samples");
        (this.backend, this.model, this.options, this.evaluator) = (backend, model, options, evaluator);
        parameters = [.. model.Parameters];
        var tables = model.Features.RowTables;
        foreach (var table in tables)
        {
            if (table.States.Count != options.Optimiser.StateCount())
                throw new ArgumentException($"ClickTrainer: {table.Name} keeps {table.States.Count} states, {options.Optimiser} has {options.Optimiser.StateCount()}");
        }

        batches = new ClickBatches(backend, data.Train, options.BatchSize ?? BatchSizes.OfClicks(data.Train.Count), seed);
        if (batches.Numbers != model.Numbers)
            throw new ArgumentException($"ClickTrainer: samples have {batches.Numbers} numbers, the model takes {model.Numbers}");
        TrainedTensor[] trained = [.. tables.Select(TrainedTensor.Of), .. parameters.Select(one => TrainedTensor.Of(one, options.Optimiser))];
        string run = JsonSerializer.Serialize(
            new { Model = model.Options, data.SplitHash, Seed = seed, Options = options, Tables = tables.Select(table => $"{table.Name} {table.Value}") },
            ArtifactJson.Compact);
        checkpoint = new TrainingCheckpoint<ClickTrainingState>(backend, trained, options.Optimiser, run);
        best = new BestValues(backend, trained);
    }

    public int StepsPerEpoch => batches.StepsPerEpoch;

    /// <summary>Steps of all epochs.</summary>
    public int Steps => (int)Math.Min(int.MaxValue, (long)options.Epochs * batches.StepsPerEpoch);

    /// <summary>
    /// Trains to the end, from the start or from where <see cref="Load"/> or a cancelled call left off.
    /// </summary>
    /// <param name="progress">Told after every validation, on this thread; may call <see cref="Save"/>.</param>
    /// <param name="cancel">Noticed after every step.</param>
    /// <exception cref="OperationCanceledException">Cancelled. <see cref="Save"/> keeps what was done.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public ClickTrainingOutcome Train(IProgress<ClickTrainingProgress>? progress, CancellationToken cancel)
    {
        while (state.ValidationDue || (state.Steps < Steps && state.WithoutImprovement < options.Patience))
        {
            double samplesPerSecond = state.ValidationDue ? 0 : TrainSteps(cancel);
            if (state.ValidationDue)
                Validate(evaluator!.LogLoss(model, cancel));
            double loss = state.Losses / Math.Max(1, state.LossSteps);
            (state.Losses, state.LossSteps) = (0, 0);
            progress?.Report(new ClickTrainingProgress(
                state.Steps, Steps, loss, state.Validation, samplesPerSecond, RateOf(state.Steps), Environment.WorkingSet));
        }

        if (evaluator is null)
            return new ClickTrainingOutcome(state.Steps, state.Steps, null);
        if (state.BestStep != state.Steps)
            best.Restore();
        return new ClickTrainingOutcome(state.Steps, state.BestStep, state.BestValidation);
    }

    /// <summary>One optimisation step on the next batch. Returns the loss before it. Allocates nothing once warm.</summary>
    public double TrainStep()
    {
        var (samples, labels) = batches.At(state.Steps);
        model.Tape.Begin();
        model.RecordLoss(samples, labels);
        model.Tape.Backward();

        state.Steps++;
        var step = new OptimiserStep(options.Optimiser, state.Steps, RateOf(state.Steps));
        model.Tape.UpdateRows(step);
        foreach (var p in parameters)
            backend.Update(step, p.Gradient, p.Value, p.StatesOf(step.Kind), p.RowSizes);
        return model.Tape.Loss;
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

    private float RateOf(int step) => options.Schedule.At(step, Steps);

    private bool IsReportedAfter(int step) => step == Steps
        || (options.ValidateEvery is { } every ? step % every == 0 : step % batches.StepsPerEpoch == 0);

    /// <summary>Trains up to the next report. Returns samples a second.</summary>
    private double TrainSteps(CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp(), samples = 0;
        do
        {
            cancel.ThrowIfCancellationRequested();
            samples += batches.CountOf(state.Steps);
            double loss = TrainStep();
            if (!double.IsFinite(loss))
                throw new InvalidOperationException($"training diverged in step {state.Steps} of {Steps}: the loss is {loss}; a smaller learning rate would do");
            state.Losses += loss;
            state.LossSteps++;
        }
        while (!IsReportedAfter(state.Steps));

        state.ValidationDue = evaluator is not null;
        return samples / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Validate(double logLoss)
    {
        if (!double.IsFinite(logLoss))
            throw new InvalidOperationException($"training diverged by step {state.Steps} of {Steps}: the validation loss is {logLoss}; a smaller learning rate would do");
        state.Validation = logLoss;
        state.ValidationDue = false;
        state.WithoutImprovement++;
        if (state.BestValidation is { } known && logLoss >= known)
            return;
        (state.BestValidation, state.BestStep, state.WithoutImprovement) = (logLoss, state.Steps, 0);
        best.Keep();
    }
}
