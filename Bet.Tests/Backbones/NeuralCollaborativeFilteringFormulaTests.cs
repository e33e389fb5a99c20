using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Training;
using Bet.Tests.Compute;

namespace Bet.Tests.Backbones;

/// <summary>NeuMF ranks in tiles, by another path than it is trained on: both against the formula, pair by pair.</summary>
public sealed class NeuralCollaborativeFilteringFormulaTests
{
    private const int Users = 70;
    private const int Items = 700;
    private const int Width = 24;
    private const int Tower = 3;
    private const int K = 30;

    [Fact]
    public void Ranks_by_the_papers_formula()
    {
        using var backend = new CpuBackend(2);
        var data = Checkerboard.Create(Users, Items);
        using var recommender = new Recommender(backend, data, new BackboneOptions { Name = "ncf", MaximumSize = Width });
        var options = new TrainingOptions(
            1, 1000, new LearningRateSchedule(0.02f, 0.02f), 1e-4f, 1, 1, LossOptions.Bpr);
        using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
        for (int step = 0; step < 10; step++)
            trainer.TrainStep(0, step);
        float[] users = Rows(recommender.Backbone.Users.Pack()), items = Rows(recommender.Backbone.Items.Pack());
        var dense = recommender.Backbone.DownloadDense().ToDictionary(weight => weight.Name);

        int[][] ranked = Ranked.Best(backend, recommender.Backbone, K);
        for (int user = 0; user < Users; user++)
        {
            double[] scores = [.. Enumerable.Range(0, Items).Select(item => Score(
                users.AsSpan(user * Width, Width), items.AsSpan(item * Width, Width), dense))];
            double[] best = [.. scores.OrderDescending().Take(K)];
            for (int place = 0; place < K; place++)
                Assert.Equal(best[place], scores[ranked[user][place]], 1e-5);
        }
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(40, 32)]
    public void Factors_answer_for_all_shared_negatives_and_both_branches_for_the_first_of_them(int shared, int both)
    {
        const int batch = 7;
        const float l2 = 0.3f;
        using var backend = new CpuBackend(2);
        using var recommender = new Recommender(
            backend, Checkerboard.Create(Users, Items),
            new BackboneOptions { Name = "ncf", MaximumSize = Width, InitialDeviation = 0.7f });
        var backbone = recommender.Backbone;
        int[] owners = Oracle.RowNumbers(batch, Users, 1), had = Oracle.RowNumbers(batch, Items, 2), drawn = Oracle.RowNumbers(shared, Items, 3);
        int words = (shared + 31) / 32;
        int[] owned = [.. Enumerable.Range(0, batch * words).Select(word => word % words == 0 ? 1 << (word % 5) : 1 << 3)];
        using var userIds = backend.Ids(owners);
        using var positiveIds = backend.Ids(had);
        using var negativeIds = backend.Ids(drawn);
        using var marks = backend.Ids(owned);
        backbone.Tape.Begin();
        backbone.RecordLoss(new(0, userIds, positiveIds, negativeIds, marks), new SampledSoftmaxLoss(shared, 1), new L2Weights(l2));

        float[] users = Rows(backbone.Users.Pack()), items = Rows(backbone.Items.Pack());
        var dense = backbone.DownloadDense().ToDictionary(weight => weight.Name);
        ReadOnlySpan<float> User(int i) => users.AsSpan(owners[i] * Width, Width);
        ReadOnlySpan<float> Item(int item) => items.AsSpan(item * Width, Width);
        double Softmax(int count, Func<int, int, double> score) => Enumerable.Range(0, batch).Average(i => Math.Log(
            1 + Enumerable.Range(0, count).Where(k => (owned[(i * words) + (k / 32)] & (1 << (k % 32))) == 0)
                .Sum(k => Math.Exp(score(i, drawn[k]) - score(i, had[i])))));
        double norms = MeanSquares(users, owners) + MeanSquares(items, had) + MeanSquares(items, drawn) +
            dense.Values.Where(weight => !weight.Name.Contains("bias")).Sum(weight => weight.Values.Sum(x => (double)x * x) / weight.Rows);
        double expected = Softmax(shared, (i, item) => Factors(User(i), Item(item))) +
            Softmax(both, (i, item) => Score(User(i), Item(item), dense)) + (l2 / 2 * norms);
        Assert.Equal(expected, backbone.Tape.Loss, 1e-5 * expected);
    }

    private static double MeanSquares(float[] table, int[] rows) =>
        rows.Average(row => table.AsSpan(row * Width, Width).ToArray().Sum(x => (double)x * x));

    private static double Factors(ReadOnlySpan<float> user, ReadOnlySpan<float> item)
    {
        double product = 0;
        for (int i = 0; i < Width - Tower; i++)
            product += (double)user[i] * item[i];
        return product;
    }

    /// <summary>h' [p_G * q_G; tower([p_M; q_M])] in float64, the last columns the perceptron's.</summary>
    private static double Score(ReadOnlySpan<float> user, ReadOnlySpan<float> item, Dictionary<string, DenseWeight> dense)
    {
        double score = Factors(user, item);
        var userInput = dense["mlp.user"];
        var hidden = new double[userInput.Columns];
        for (int h = 0; h < hidden.Length; h++)
        {
            hidden[h] = dense["mlp.bias0"].Values[h];
            for (int i = 0; i < Tower; i++)
                hidden[h] += ((double)userInput.Values[(i * hidden.Length) + h] * user[Width - Tower + i])
                    + ((double)dense["mlp.item"].Values[(i * hidden.Length) + h] * item[Width - Tower + i]);
        }

        for (int layer = 1; layer <= 2; layer++)
            hidden = Layer(hidden, dense[$"mlp.weight{layer}"], dense[$"mlp.bias{layer}"]);
        for (int h = 0; h < hidden.Length; h++)
            score += Math.Max(0, hidden[h]) * dense["mlp.output"].Values[h];
        return score;
    }

    private static double[] Layer(double[] inputs, DenseWeight weight, DenseWeight bias)
    {
        var outputs = new double[weight.Columns];
        for (int o = 0; o < outputs.Length; o++)
        {
            outputs[o] = bias.Values[o];
            for (int i = 0; i < inputs.Length; i++)
                outputs[o] += Math.Max(0, inputs[i]) * weight.Values[(i * outputs.Length) + o];
        }

        return outputs;
    }

    private static float[] Rows(PackedSide side) => side.Unpack(Width);
}
