using System.Diagnostics;
using System.Runtime.CompilerServices;
using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Bench.Scale;

/// <summary>What is measured.</summary>
/// <param name="Backbone">A name of <see cref="BackboneRegistry"/>.</param>
/// <param name="Interactions">Users are six hundredths of them, items four.</param>
/// <param name="Columns">Values in a row of the tables.</param>
/// <param name="Layers">Propagation layers.</param>
/// <param name="Steps">Warm steps.</param>
/// <param name="RankedUsers">Users that items are ranked for in the end.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="Seed">Of everything random.</param>
public sealed record ScaleCase(
    string Backbone, int Interactions, int Columns, int Layers, int Steps, int RankedUsers, int Threads, ulong Seed)
{
    /// <summary>First steps take buffers, and are compiled again while they run.</summary>
    private const int LeastColdSteps = 2;
    private const double ColdSeconds = 3;
    private const float LearningRate = 0.01f;
    private const float L2 = 1e-4f;

    /// <summary>Generates, splits, trains and ranks in this process.</summary>
    public ScaleRow Run()
    {
        var (data, generating, preparing) = Prepare();
        long preparePeak = PeakMemory.Highest();

        // The interactions as read are done with; the runtime would give their memory back only in its own time.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Train(data, generating, preparing, preparePeak);
    }

    /// <summary>A method of its own, so that nothing of the interactions as read stays reachable from a frame.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (PreparedDataset Data, Phase Generating, Phase Preparing) Prepare()
    {
        var generating = new Phase();
        var options = new SyntheticOptions(
            (int)(Interactions * 6L / 100), (int)(Interactions * 4L / 100), Interactions, Seed);
        var set = SyntheticData.Generate(options, timed: false);
        generating.Stop();
        var preparing = new Phase();
        var data = Splitter.Split(set, new SplitOptions(SplitKind.Random), Seed);
        preparing.Stop();
        return (data, generating, preparing);
    }

    private ScaleRow Train(PreparedDataset data, Phase generating, Phase preparing, long preparePeak)
    {
        var building = new Phase();
        using var backend = new CpuBackend(Threads);
        using var recommender = new Recommender(
            backend, data,
            BackboneRegistry.OptionsFor(Backbone, Columns) with { Layers = Layers, Seed = Seed });
        var training = new TrainingOptions(
            Epochs: 1, BatchSize: null, new LearningRateSchedule(LearningRate, LearningRate), L2, EvaluateEvery: 1,
            Patience: 1, LossOptions.Bpr);
        using var trainer = new Trainer(backend, recommender.Backbone, data, training, Seed, evaluator: null);
        building.Stop();
        var (fastest, leastProcessor, wholeEpochs) = Step(trainer);
        var sample = data.Validation.OfSample(RankedUsers);
        using var evaluator = new RankingEvaluator(backend, sample, [data.Train], [.. Quality.Cutoffs]);
        var ranking = new Phase();
        int ranked = evaluator.Evaluate(recommender.Backbone).Users;
        ranking.Stop();
        int batch = BatchSizes.DefaultFor(data.Train.Count);
        var estimate = MemoryEstimate.Of(Shape(data, batch, wholeEpochs));
        return new ScaleRow
        {
            Backbone = Backbone,
            Interactions = Interactions,
            Users = data.UserCount,
            Items = data.ItemCount,
            Train = data.Train.Count,
            Columns = Columns,
            Layers = Layers,
            Batch = batch,
            GenerateSeconds = Rounded(generating.Seconds),
            PrepareSeconds = Rounded(preparing.Seconds),
            BuildSeconds = Rounded(building.Seconds),
            StepSeconds = Rounded(fastest),
            Steps = Steps,
            RankSeconds = Rounded(ranking.Seconds),
            RankedUsers = ranked,
            GenerateNanoseconds = Rounded(generating.ProcessorSeconds * 1e9 / Interactions),
            PrepareNanoseconds = Rounded(preparing.ProcessorSeconds * 1e9 / Interactions),
            StepNanoseconds = Rounded(leastProcessor * 1e9 / batch),
            PreparePeakBytes = preparePeak,
            PeakBytes = PeakMemory.Highest(),
            EstimatedPrepareBytes = estimate.Preparing,
            EstimatedBytes = estimate.Peak,
            Components = estimate.Components,
            Threads = Threads,
            Seed = Seed,
            Machine = $"{Repository.Machine()}; {backend.Description}",
            Commit = Repository.Commit(),
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"),
        };
    }

    /// <summary>Least wall and processor seconds of a warm step, and whether an epoch's last step was among all steps.</summary>
    private (double Wall, double Processor, bool WholeEpochs) Step(Trainer trainer)
    {
        double wall = double.PositiveInfinity, processor = double.PositiveInfinity;
        var all = new Phase();
        int cold = 0;
        for (int step = 0; step < cold + Steps; step++)
        {
            var stepping = new Phase();
            trainer.TrainStep(0, step % trainer.StepsPerEpoch);
            stepping.Stop();
            all.Stop();
            if (step < LeastColdSteps || (cold == step && all.Seconds < ColdSeconds))
            {
                cold = step + 1;
                continue;
            }

            // An epoch's last step has less to do.
            if (step % trainer.StepsPerEpoch == trainer.StepsPerEpoch - 1)
                continue;
            wall = Math.Min(wall, stepping.Seconds);
            processor = Math.Min(processor, stepping.ProcessorSeconds);
        }

        return (wall, processor, cold + Steps >= trainer.StepsPerEpoch);
    }

    /// <summary>Known before anything is done but for the items that nobody chose and the ids' lengths.</summary>
    private TrainingShape Shape(PreparedDataset data, int batch, bool wholeEpochs) => new()
    {
        Users = data.UserCount,
        Items = data.ItemCount,
        Train = data.Train.Count,
        Validation = data.Validation.Count,
        Test = data.Test.Count,
        Backbone = Backbone,
        Width = Columns,
        Layers = Layers,
        Batch = batch,
        WholeEpochs = wholeEpochs,
        KeepsBest = false,
        RankedUsers = RankedUsers,
        Timed = false,
    };

    private static double Rounded(double value) => Math.Round(value, 4);

    /// <summary>A stretch of wall and processor time.</summary>
    private sealed class Phase
    {
        private readonly long start = Stopwatch.GetTimestamp();
        private readonly TimeSpan processorStart = Environment.CpuUsage.TotalTime;

        public double Seconds { get; private set; }

        public double ProcessorSeconds { get; private set; }

        public void Stop()
        {
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            ProcessorSeconds = (Environment.CpuUsage.TotalTime - processorStart).TotalSeconds;
        }
    }
}
