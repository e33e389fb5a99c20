using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class FitnessPredictorTests
{
    private const int MaximumSize = 12;

    private static readonly int[] UserFrequencies = [.. Enumerable.Range(0, 60).Select(row => 1 + (40 / (row + 1)))];

    private static readonly int[] ItemFrequencies = [.. Enumerable.Range(0, 45).Select(row => 90 / (row + 1))];

    private static readonly MemoryBudget Budget =
        MemoryBudget.From(new BudgetRequest(Parameters: 400), 60, 45, 1, MaximumSize);

    [Fact]
    public void Scores_agree_with_the_definition_entity_by_entity()
    {
        var predictor = New();
        var actions = Actions(40);
        predictor.Update([(actions[0], 0.5), (actions[1], 0.9)], 1);
        var scores = predictor.Score(actions);
        for (int i = 0; i < actions.Length; i++)
        {
            var (embedding, fitness) = Definition(predictor, actions[i]);
            Assert.Equal(fitness, scores.Fitness[i], 10);
            for (int o = 0; o < embedding.Length; o++)
                Assert.Equal(embedding[o], scores.Embedding(i)[o], 10);
        }
    }

    [Fact]
    public void Gradients_agree_with_finite_differences_of_the_definition()
    {
        var predictor = New();
        (TableSizes, double)[] pairs = [.. Actions(3).Select((sizes, i) => (sizes, 0.3 * i))];
        predictor.AccumulateGradients(pairs);
        const double step = 1e-6;
        foreach (var layer in predictor.Layers)
        {
            for (int i = 0; i < layer.Values.Length; i += Math.Max(1, layer.Values.Length / 37))
            {
                double kept = layer.Values[i];
                layer.Values[i] = kept + step;
                double above = Error(predictor, pairs);
                layer.Values[i] = kept - step;
                double below = Error(predictor, pairs);
                layer.Values[i] = kept;
                double numeric = (above - below) / (2 * step);
                Assert.InRange(layer.Gradients[i] - numeric, -1e-6 - (1e-4 * Math.Abs(numeric)), 1e-6 + (1e-4 * Math.Abs(numeric)));
            }
        }
    }

    [Fact]
    public void Learns_what_depends_on_the_sizes()
    {
        var predictor = New();
        (TableSizes Sizes, double Fitness)[] all =
            [.. Actions(200).Select(sizes => (sizes, (double)sizes.Users.Values / sizes.Values))];
        var (seen, held) = (all[..120], all[120..]);
        for (int update = 0; update < 400; update++)
            predictor.Update(seen, update);
        double mean = held.Average(pair => pair.Fitness);
        double variance = held.Average(pair => Math.Pow(pair.Fitness - mean, 2));
        var scores = predictor.Score([.. held.Select(pair => pair.Sizes)]);
        double error = held.Select((pair, i) => Math.Pow(pair.Fitness - scores.Fitness[i], 2)).Average();
        Assert.True(error < 0.25 * variance, $"error {error}, variance {variance}");
    }

    [Fact]
    public void The_same_for_any_number_of_threads()
    {
        var actions = Actions(300);
        var one = New(1).Score(actions);
        var eight = New(8).Score(actions);
        Assert.Equal(one.Fitness, eight.Fitness);
        Assert.Equal(one.Embeddings, eight.Embeddings);
    }

    [Fact]
    public void Selection_follows_its_rule()
    {
        var predictor = New();
        var candidates = Actions(50);
        var history = Actions(4, trial: 9).Select((sizes, i) => (sizes, 0.5 + (0.1 * i))).ToArray();
        var scores = predictor.Score(candidates);

        var (best, rule, predicted) = Selection.Choose(5, candidates, predictor, history, 1);
        Assert.Equal(SelectionRule.BestPredicted, rule);
        Assert.Equal(scores.Fitness.Max(), predicted);
        Assert.Equal(scores.Fitness.Max(), scores.Fitness[best]);

        // The best action so far is itself among the candidates: nothing is nearer.
        var (nearest, nearestRule, _) = Selection.Choose(3, [.. candidates, history[3].sizes], predictor, history, 1);
        Assert.Equal((50, SelectionRule.NearestToBest), (nearest, nearestRule));

        var (any, anyRule, _) = Selection.Choose(4, candidates, predictor, history, 1);
        Assert.Equal(SelectionRule.Random, anyRule);
        Assert.Equal(any, Selection.Choose(4, candidates, predictor, history, 1).Index);
        Assert.Equal((SelectionRule.Random, null), (Selection.Choose(1, candidates, predictor, [], 1).Rule, Selection.Choose(1, candidates, predictor, [], 1).Predicted));
    }

    private static FitnessPredictor New(int threads = 2) =>
        new(UserFrequencies, ItemFrequencies, MaximumSize, 5) { Threads = threads };

    private static TableSizes[] Actions(int count, int trial = 1) =>
        [.. new SizeSampler(Budget, 2).DrawMany(trial, count, 1).Select(draw => draw.Sizes)];

    private static double Error(FitnessPredictor predictor, (TableSizes Sizes, double Fitness)[] pairs) =>
        pairs.Average(pair => Math.Pow(Definition(predictor, pair.Sizes).Fitness - pair.Fitness, 2));

    /// <summary>Eqs. 7-10 as they stand: every entity through rho, every set's mean through all of mu, the mean through pi.</summary>
    private static (double[] Embedding, double Fitness) Definition(FitnessPredictor predictor, TableSizes action)
    {
        var layers = predictor.Layers;
        int[] userSizes = action.Users.ToRows(), itemSizes = action.Items.ToRows();
        var ofSizes = new List<double[]>();
        for (int size = 0; size <= MaximumSize; size++)
        {
            double[][] members =
            [
                .. Members(userSizes, UserFrequencies, size).Select(f => Mlp(layers[0], layers[1], [f])),
                .. Members(itemSizes, ItemFrequencies, size).Select(f => Mlp(layers[2], layers[3], [f])),
            ];
            if (members.Length > 0)
                ofSizes.Add(Mlp(layers[4], layers[5], [.. Mean(members), (double)size / MaximumSize]));
        }

        double[] embedding = Mean([.. ofSizes]);
        return (embedding, Mlp(layers[6], layers[7], embedding)[0]);
    }

    private static IEnumerable<double> Members(int[] sizes, int[] frequencies, int size) =>
        Enumerable.Range(0, sizes.Length).Where(row => sizes[row] == size).Select(row => (double)frequencies[row] / frequencies[0]);

    private static double[] Mean(double[][] vectors) =>
        [.. Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Average(vector => vector[i]))];

    private static double[] Mlp(DenseLayer first, DenseLayer second, double[] x) =>
        Linear(second, [.. Linear(first, x).Select(value => value > 0 ? value : 0.01 * value)]);

    private static double[] Linear(DenseLayer layer, double[] x)
    {
        var y = new double[layer.Outputs];
        for (int o = 0; o < layer.Outputs; o++)
        {
            y[o] = layer.Bias[o];
            for (int i = 0; i < x.Length; i++)
                y[o] += layer.Weights[(i * layer.Outputs) + o] * x[i];
        }

        return y;
    }
}
