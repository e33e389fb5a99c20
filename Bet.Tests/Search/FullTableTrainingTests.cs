using System.Globalization;
using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Tests.Search;

public sealed class FullTableTrainingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bet-").FullName;

    private static readonly Lazy<PreparedDataset> Data = new(() => Splitter.Split(
        SyntheticData.Generate(new SyntheticOptions(1000, 700, 30_000, Seed: 1)), new SplitOptions(SplitKind.Random), 1));

    [Theory]
    [InlineData("mf")]
    [InlineData("lightgcn")]
    public void Of_a_full_table_the_first_columns_are_worth_most_and_all_of_them_what_was_measured(string backbone)
    {
        var options = SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: 0.5), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = 16, PretrainEpochs = 10 });
        using var backend = new CpuBackend(2);
        using var training = Training(backend, options);
        var trained = new FullTableTraining(training).Train(KeptTraining.None, CancellationToken.None);

        var (validation, test) = training.Evaluate(trained.Weights, CancellationToken.None);
        Assert.Equal(trained.Validation.RecallAt(20), validation.RecallAt(20), 0.01);
        Assert.Equal(trained.Test!.RecallAt(20), test.RecallAt(20), 0.01);

        // All that a table of four columns can be expected to keep is in the first four: they hold the most.
        float[] users = trained.Weights.Table.Users.Unpack(16);
        double[] energies = [.. Enumerable.Range(0, 4).Select(part => Enumerable.Range(0, users.Length)
            .Where(at => at % 16 / 4 == part).Sum(at => (double)users[at] * users[at]))];
        Assert.True(energies[0] > 1.5 * energies[3], string.Join(", ", energies));
        Assert.True(energies[0] > energies[1] && energies[0] > energies[2], string.Join(", ", energies));
    }

    /// <summary>These data are learnt in a few epochs; after many more of them validation is worse.</summary>
    [Fact]
    public void Where_validation_was_best_early_a_training_of_only_so_many_epochs_takes_its_place()
    {
        using var backend = new CpuBackend(2);
        using var training = Training(backend, LongOptions);
        var trained = new FullTableTraining(training).Train(KeptTraining.None, CancellationToken.None);
        using var recommender = new Recommender(backend, Data.Value, LongOptions.BackboneOptions);
        using var validation = new RankingEvaluator(backend, Data.Value.Validation, [Data.Value.Train], [.. Quality.Cutoffs]);
        using var trainer = new Trainer(backend, recommender.Backbone, Data.Value, LongOptions.Pretraining, LongOptions.Seed, validation);
        var once = trainer.Train(null, CancellationToken.None);
        Assert.InRange(once.BestEpoch, 1, 10);
        Assert.InRange(trained.Training.Epochs, 1, (once.BestEpoch * 3 / 2) + 1);
        Assert.True(trained.Quality > Quality.Of(once.Validation!), $"{trained.Quality} after {Quality.Of(once.Validation!)}");
    }

    [Fact]
    public void What_is_trained_again_goes_on_from_the_share_of_the_epochs_that_were_done()
    {
        using var backend = new CpuBackend(2);
        using var training = Training(backend, LongOptions);
        var told = new List<(double Fraction, string Detail)>();
        new FullTableTraining(training).Train(
            new KeptTraining(null, "", Timeout.InfiniteTimeSpan, progress => told.Add((progress.Fraction, progress.Detail))),
            CancellationToken.None);
        var later = told.SkipWhile(report => !report.Detail.StartsWith("again, epoch 1 of ", StringComparison.Ordinal)).ToArray();
        int first = told.Count - later.Length, second = later.TakeWhile(report => !report.Detail.StartsWith("again, again", StringComparison.Ordinal)).Count();
        int shorter = int.Parse(later[0].Detail.Split(' ')[4].TrimEnd(','), CultureInfo.InvariantCulture);
        Assert.InRange(second, 1, shorter);
        Assert.Equal((first + 1.0) / (first + shorter), later[0].Fraction, 1e-9);
        Assert.Equal((first + (double)second) / (first + shorter), later[second - 1].Fraction, 1e-9);
    }

    [Fact]
    public void Decay_becomes_less_as_long_as_that_is_better()
    {
        L2Weights[] decays = [new(0.9f, 0.5f), new(0.3f), new(0.03f, 0.07f), new(0.0003f), new(0)];
        using var backend = new CpuBackend(2);
        double[] alone = [.. decays.Select(decay =>
        {
            using var training = Training(backend, (LongOptions with { LesserDecays = [] }).With(decay));
            return new FullTableTraining(training).Train(KeptTraining.None, CancellationToken.None).Quality;
        })];
        int best = Enumerable.Range(0, decays.Length).First(rung => rung == decays.Length - 1 || alone[rung + 1] <= alone[rung]);
        Assert.InRange(best, 1, decays.Length - 2);
        var told = new List<(double Fraction, string Detail)>();

        using var ladder = Training(backend, (LongOptions with { LesserDecays = decays[1..] }).With(decays[0]));
        var trained = new FullTableTraining(ladder).Train(
            new KeptTraining(null, "", Timeout.InfiniteTimeSpan, progress => told.Add((progress.Fraction, progress.Detail))),
            CancellationToken.None);
        Assert.Equal(decays[best], trained.Decay);
        Assert.Equal(alone[best], trained.Quality);
        var parts = told.GroupBy(report => report.Detail[.."training 1".Length]).ToDictionary(part => part.Key, part => part.ToArray());
        Assert.Equal(Enumerable.Range(1, best + 2).Select(number => $"training {number}"), parts.Keys);
        Assert.All(parts.Values.Select((part, number) => (part, number)), numbered => Assert.All(
            numbered.part, report => Assert.InRange(report.Fraction, 1 - Math.Pow(2, -numbered.number), 1 - Math.Pow(2, -numbered.number - 1))));
    }

    /// <summary>A rate is tried with the decay that was best before it, and with less.</summary>
    [Fact]
    public void The_rate_becomes_less_as_long_as_that_is_better()
    {
        L2Weights[] decays = [new(0.035f), new(0.001f)];
        float[] rates = [0.25f, 0.125f, 0.03125f, 0.25f / (1 << 20)];
        var quick = LongOptions with { MaximumSize = 32, Pretraining = LongOptions.Pretraining with { Epochs = 8 } };
        using var backend = new CpuBackend(2);
        var (best, rate, decay) = (0.0, 0f, 0);
        foreach (float tried in rates)
        {
            double[] alone = [.. decays[decay..].Select(with => Alone(with, tried))];
            int lesser = alone is [var more, var less] && less > more ? 1 : 0;
            if (alone[lesser] <= best)
                break;
            (best, rate, decay) = (alone[lesser], tried, decay + lesser);
        }

        Assert.InRange(rate, 0.01f, 0.2f);
        var options = quick with { LesserDecays = decays[1..], LesserRates = [.. rates[1..].Select(tried => tried / rates[0])] };
        using var training = Training(backend, options.With(decays[0], rates[0]));
        var trained = new FullTableTraining(training).Train(KeptTraining.None, CancellationToken.None);
        Assert.Equal((decays[decay], best), (trained.Decay!.Value, trained.Quality));
        Assert.Equal(rate, trained.LearningRate!.Value);

        double Alone(L2Weights with, float learningRate)
        {
            using var training = Training(backend, quick.With(with, learningRate));
            return new FullTableTraining(training).Train(KeptTraining.None, CancellationToken.None).Quality;
        }
    }

    [Fact]
    public void Other_rates_are_tried_where_the_data_are_few()
    {
        var options = LongOptions with { LesserRates = [0.5f, 0.25f] };
        float first = options.Pretraining.Schedule.First;
        Assert.Equal([first, first / 2, first / 4], FullTableTraining.RatesOf(options, 200_000));
        Assert.Equal([first], FullTableTraining.RatesOf(options, 200_001));
    }

    /// <summary>In so few epochs the first decay's validation is best at their end, and none at all overfits.</summary>
    [Fact]
    public void Less_decay_that_falls_behind_is_ended_there()
    {
        var options = LongOptions with
        {
            LesserDecays = [new(0)],
            Pretraining = LongOptions.Pretraining with { Epochs = 6, EvaluateEvery = 1 },
        };
        using var backend = new CpuBackend(2);
        using var training = Training(backend, options);
        var told = new List<string>();
        var trained = new FullTableTraining(training).Train(
            new KeptTraining(null, "", Timeout.InfiniteTimeSpan, progress => told.Add(progress.Detail[.."training 1".Length])), CancellationToken.None);
        Assert.Equal(options.Pretraining.Decay, trained.Decay);
        Assert.NotNull(trained.Test);
        Assert.Equal(6, told.Count(part => part == "training 1"));
        Assert.InRange(told.Count(part => part == "training 2"), 1, 5);
    }

    [Fact]
    public void A_training_that_falls_behind_its_rival_ends_there_and_does_so_when_it_is_resumed()
    {
        using var backend = new CpuBackend(2);
        using var validation = new RankingEvaluator(backend, Data.Value.Validation, [Data.Value.Train], [.. Quality.Cutoffs]);
        var alone = Train([]);
        Assert.Equal(alone.Outcome.Bests.Max(), Quality.Of(alone.Outcome.Validation!));
        Assert.Equal(alone.Outcome.Bests.Order(), alone.Outcome.Bests);
        Assert.False(alone.IsBehind);

        // No worse than what it did itself, but for its second validation, of which it falls short.
        double[] rival = [.. alone.Outcome.Bests];
        Assert.False(Train(rival).IsBehind);
        rival[1] += 1e-9;
        var behind = Train(rival);
        Assert.True(behind.IsBehind);
        Assert.Equal(2 * LongOptions.Pretraining.EvaluateEvery, behind.Outcome.Epochs);

        (TrainingOutcome Outcome, bool IsBehind) Train(double[] rival)
        {
            using var recommender = new Recommender(backend, Data.Value, LongOptions.BackboneOptions);
            Trainer Make() => new(backend, recommender.Backbone, Data.Value, LongOptions.Pretraining, LongOptions.Seed, validation) { Rival = rival };
            using var trainer = Make();
            var outcome = trainer.Train(null, CancellationToken.None);
            using var state = new MemoryStream();
            trainer.Save(state);
            state.Position = 0;
            using var resumed = Make();
            resumed.Load(state);
            Assert.Equal(outcome.Epochs, resumed.Train(null, CancellationToken.None).Epochs);
            Assert.Equal(trainer.IsBehind, resumed.IsBehind);
            return (outcome, trainer.IsBehind);
        }
    }

    /// <summary>Stopped after every few epochs, by reports that go on counting; of no training an epoch is done twice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopped_in_any_of_its_trainings_it_goes_on_there_and_ends_with_the_same_bits(bool several)
    {
        var options = LongOptions with { LesserDecays = several ? [new(0.02f), new(0.0001f)] : [], LesserRates = several ? [1f / 3] : [] };
        using var backend = new CpuBackend(2);
        using var training = Training(backend, options);
        int whole = 0;
        var expected = new FullTableTraining(training).Train(Kept(_ => whole++), CancellationToken.None);
        var store = new DirectoryStepStore(folder);
        int reports = 0;
        TableOutcome? trained = null;
        while (trained is null)
        {
            using var stop = new CancellationTokenSource();
            int until = reports + 10;
            var run = new KeptTraining(store, "pretrain", Timeout.InfiniteTimeSpan, _ =>
            {
                if (++reports == until)
                    stop.Cancel();
            });
            try
            {
                using var anew = Training(backend, options);
                trained = new FullTableTraining(anew).Train(run, stop.Token);
                Assert.NotEmpty(Directory.GetFiles(folder));
                run.Forget();
            }
            catch (OperationCanceledException)
            {
                Assert.True(reports < 1000);
            }
        }

        Assert.Equal(whole, reports);
        Assert.Equal((expected.Training.Epochs, expected.Training.BestEpoch, expected.Quality), (trained.Training.Epochs, trained.Training.BestEpoch, trained.Quality));
        Assert.Equal(expected.Weights.Table.Users.Unpack(96), trained.Weights.Table.Users.Unpack(96));
        Assert.Empty(Directory.GetFiles(folder));

        KeptTraining Kept(Action<ITrainingProgress> report) => new(null, "", Timeout.InfiniteTimeSpan, report);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static SearchOptions LongOptions { get; } = SearchPresets.Create(
        "lightgcn", new BudgetRequest(Sparsity: 0.5), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
        new SearchOverrides { MaximumSize = 96, PretrainEpochs = 20, L2 = 0.035f, RepresentationL2 = 0, LearningRate = 0.03f });

    private static TableTraining Training(CpuBackend backend, SearchOptions options) => new(
        options, backend, Data.Value, MemoryBudget.From(options.Budget, Data.Value.UserCount, Data.Value.ItemCount, 1, options.MaximumSize));
}
