using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Training;

namespace Bet.Tests.Backbones;

/// <summary>NeuMF ranks in tiles, by another path than it is trained on: both against the formula, pair by pair.</summary>
public sealed class NeuralCollaborativeFilteringRankingTests
{
    private const int Users = 70;
    private const int Items = 700;
    private const int Width = 24;
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

        int[] ranked = Rank(backend, recommender.Backbone);
        for (int user = 0; user < Users; user++)
        {
            double[] scores = [.. Enumerable.Range(0, Items).Select(item => Score(
                users.AsSpan(user * Width, Width), items.AsSpan(item * Width, Width), dense))];
            double[] best = [.. scores.OrderDescending().Take(K)];
            for (int place = 0; place < K; place++)
                Assert.Equal(best[place], scores[ranked[(user * K) + place]], 1e-5);
        }
    }

    /// <summary>h' [p_G * q_G; tower([p_M; q_M])] in float64, even columns GMF's and odd ones the perceptron's.</summary>
    private static double Score(ReadOnlySpan<float> user, ReadOnlySpan<float> item, Dictionary<string, DenseWeight> dense)
    {
        double score = 0;
        for (int i = 0; i < Width; i += 2)
            score += (double)dense["gmf.output"].Values[i / 2] * user[i] * item[i];
        var userInput = dense["mlp.user"];
        var hidden = new double[userInput.Columns];
        for (int h = 0; h < hidden.Length; h++)
        {
            hidden[h] = dense["mlp.bias0"].Values[h];
            for (int i = 1; i < Width; i += 2)
                hidden[h] += ((double)userInput.Values[(i / 2 * hidden.Length) + h] * user[i])
                    + ((double)dense["mlp.item"].Values[(i / 2 * hidden.Length) + h] * item[i]);
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

    private static int[] Rank(CpuBackend backend, Backbone backbone)
    {
        using var users = backend.AllocateIds(Users);
        using var offsets = backend.AllocateIds(Users + 1);
        using var none = backend.AllocateIds(0);
        using var result = backend.AllocateIds(Users * K);
        backend.Upload([.. Enumerable.Range(0, Users)], users);
        backbone.PrepareRanking();
        backbone.Rank(users, offsets, none, K, result);
        var ranked = new int[Users * K];
        backend.Download(result, ranked);
        return ranked;
    }
}
