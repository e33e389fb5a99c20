using System.Diagnostics;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Training;

namespace Bet.Bench.Profiling;

/// <summary>One operation of a step.</summary>
/// <param name="Name">As in the contract.</param>
/// <param name="Work">Of a mean step.</param>
public sealed record StepOperation(string Name, OperationTotals Work);

/// <summary>Where the time of a training step goes; milliseconds of a mean step.</summary>
/// <param name="Backbone">By its name in the registry.</param>
/// <param name="PlainMilliseconds">A step without the profile.</param>
/// <param name="Milliseconds">A step with it.</param>
/// <param name="SamplingMilliseconds">Drawing the batch, before the first operation.</param>
/// <param name="Operations">Longest first.</param>
public sealed record StepProfile(
    string Backbone, double PlainMilliseconds, double Milliseconds, double SamplingMilliseconds,
    IReadOnlyList<StepOperation> Operations)
{
    /// <summary>Neither an operation nor sampling: the tape's records, checks, the profile itself.</summary>
    public double OtherMilliseconds =>
        Milliseconds - SamplingMilliseconds - Operations.Sum(operation => operation.Work.Milliseconds);
}

/// <summary>
/// Trains a backbone with its defaults, full tables, and profiles warm steps. Only the fastest
/// quarter of the steps counts, so that others on the machine do little harm; its mean is taken, so that parts add up.
/// </summary>
public sealed class StepProfiler(Workload work, int columns, int batchSize, int steps)
{
    private const int WarmSteps = 4;
    private const int Layers = 3;

    public StepProfile Run(string name)
    {
        var plain = Measure(work.Backend, name, () => { }, () => (0.0, []));
        var profiling = new ProfilingBackend(work.Backend);
        var profiled = Measure(
            profiling, name, profiling.BeginStep,
            () => (profiling.MillisecondsBefore, new Dictionary<string, OperationTotals>(profiling.Operations)));
        var totals = new Dictionary<string, OperationTotals>();
        foreach (var (operation, cost) in profiled.SelectMany(step => step.Operations))
            totals[operation] = totals.GetValueOrDefault(operation) + cost;
        return new StepProfile(
            name, plain.Average(step => step.Milliseconds), profiled.Average(step => step.Milliseconds),
            profiled.Average(step => step.Sampling),
            [.. totals.Select(entry => new StepOperation(entry.Key, entry.Value / profiled.Count))
                .OrderByDescending(operation => operation.Work.Milliseconds)]);
    }

    private List<MeasuredStep> Measure(
        Backend backend, string name, Action begin, Func<(double, Dictionary<string, OperationTotals>)> end)
    {
        var defaults = BackboneRegistry.DefaultsOf(name);
        using var recommender = new Recommender(
            backend, work.Data, BackboneRegistry.OptionsFor(name, columns) with { Layers = Layers, Seed = work.Seed });
        var options = new TrainingOptions(
            Epochs: 1, batchSize, new LearningRateSchedule(defaults.LearningRate, defaults.LastLearningRate), defaults.L2,
            EvaluateEvery: 1, Patience: 1, defaults.Loss);
        using var trainer = new Trainer(backend, recommender.Backbone, work.Data, options, work.Seed, evaluator: null);
        int wholeBatches = Math.Max(1, work.Data.Train.Count / batchSize);
        var measured = new List<MeasuredStep>();
        for (int step = -WarmSteps; step < steps; step++)
        {
            int number = step + WarmSteps;
            begin();
            long start = Stopwatch.GetTimestamp();
            trainer.TrainStep(number / wholeBatches, number % wholeBatches);
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var (sampling, operations) = end();
            if (step >= 0)
                measured.Add(new MeasuredStep(milliseconds, sampling, operations));
        }

        return [.. measured.OrderBy(step => step.Milliseconds).Take((steps + 3) / 4)];
    }

    private sealed record MeasuredStep(
        double Milliseconds, double Sampling, Dictionary<string, OperationTotals> Operations);
}
