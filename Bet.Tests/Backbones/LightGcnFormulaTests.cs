using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Training;
using Bet.Tests.Compute;

namespace Bet.Tests.Backbones;

/// <summary>LightGCN's loss against its formula in float64, neighbours added up one by one.</summary>
public sealed class LightGcnFormulaTests
{
    private const int Users = 30;
    private const int Items = 40;
    private const int Width = 6;
    private const int Layers = 2;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.3, 0)]
    [InlineData(0, 0.4)]
    [InlineData(0.3, 0.4)]
    public void Decay_is_of_the_batchs_rows_and_of_the_means_over_layers_that_are_scored(double rows, double representations)
    {
        const int batch = 7, shared = 9;
        using var backend = new CpuBackend(2);
        var data = Checkerboard.Create(Users, Items);
        using var recommender = new Recommender(backend, data, new BackboneOptions
        {
            Name = "lightgcn",
            MaximumSize = Width,
            Layers = Layers,
            InitialDeviation = 0.7f,
            TrainingGathers = GatherPrecision.Float32,
        });
        var backbone = recommender.Backbone;
        int[] owners = Oracle.RowNumbers(batch, Users, 1), had = Oracle.RowNumbers(batch, Items, 2), drawn = Oracle.RowNumbers(shared, Items, 3);
        using var userIds = backend.Ids(owners);
        using var positiveIds = backend.Ids(had);
        using var negativeIds = backend.Ids(drawn);
        backbone.Tape.Begin();
        backbone.RecordLoss(
            new(0, userIds, positiveIds, negativeIds), new SampledSoftmaxLoss(shared, 1),
            new L2Weights((float)rows, (float)representations));

        double[][] users = Rows(backbone.Users.Pack().Unpack(Width)), items = Rows(backbone.Items.Pack().Unpack(Width));
        var (userMeans, itemMeans) = Propagated(users, items, data.Train);
        double softmax = Enumerable.Range(0, batch).Average(i => Math.Log(1 + drawn.Sum(
            item => Math.Exp(Product(userMeans[owners[i]], itemMeans[item]) - Product(userMeans[owners[i]], itemMeans[had[i]])))));
        double Norms(double[][] ofUsers, double[][] ofItems) =>
            MeanSquares(ofUsers, owners) + MeanSquares(ofItems, had) + MeanSquares(ofItems, drawn);
        double expected = softmax + (rows / 2 * Norms(users, items)) + (representations / 2 * Norms(userMeans, itemMeans));
        Assert.Equal(expected, backbone.Tape.Loss, 1e-5 * expected);
    }

    /// <summary>The means of the layers 0 to L, each the one before propagated by 1 / sqrt(d_u d_i).</summary>
    private static (double[][] Users, double[][] Items) Propagated(double[][] users, double[][] items, Interactions train)
    {
        int[] ofUsers = train.UserFrequencies(), ofItems = train.ItemFrequencies();
        var sums = (Users: Copy(users), Items: Copy(items));
        for (int layer = 1; layer <= Layers; layer++)
        {
            var next = (Users: Zeros(Users), Items: Zeros(Items));
            for (int user = 0; user < Users; user++)
            {
                foreach (int item in train.Of(user))
                {
                    double weight = 1 / Math.Sqrt((double)ofUsers[user] * ofItems[item]);
                    Add(next.Users[user], items[item], weight);
                    Add(next.Items[item], users[user], weight);
                }
            }

            (users, items) = next;
            AddAll(sums.Users, users);
            AddAll(sums.Items, items);
        }

        return (Divided(sums.Users), Divided(sums.Items));
    }

    private static double[][] Rows(float[] values) =>
        [.. values.Chunk(Width).Select(row => row.Select(x => (double)x).ToArray())];

    private static double[][] Zeros(int rows) => [.. Enumerable.Range(0, rows).Select(_ => new double[Width])];

    private static double[][] Copy(double[][] table) => [.. table.Select(row => row.ToArray())];

    private static double[][] Divided(double[][] table) => [.. table.Select(row => row.Select(x => x / (Layers + 1)).ToArray())];

    private static void AddAll(double[][] table, double[][] other)
    {
        for (int row = 0; row < table.Length; row++)
            Add(table[row], other[row], 1);
    }

    private static void Add(double[] row, double[] other, double weight)
    {
        for (int i = 0; i < Width; i++)
            row[i] += weight * other[i];
    }

    private static double Product(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double MeanSquares(double[][] table, int[] rows) => rows.Average(row => Product(table[row], table[row]));
}
