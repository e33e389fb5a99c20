using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Training;

namespace Bet.Bench.Reproduction;

/// <summary>The runs of <c>reproduce</c>: the papers' models, by the papers' loss but for NeuMF, and then our own choice.</summary>
public static class Reproductions
{
    private const string LightGcnPaper = "LightGCN (SIGIR 2020)";
    private const string OpenBenchmark = "BARS / SimpleX (CIKM 2021)";
    private const float SmallFirstValues = 0.01f;
    private const float NodeDropout = 0.1f;

    private static readonly TrainingOptions LightGcnBpr =
        new(1000, 65_536, new(0.008f, 0.0002f), 1e-4f, 50, int.MaxValue, LossOptions.Bpr, Beta2: 0.92f);

    private static readonly TrainingOptions LightGcnSoftmax =
        new(40, 8192, new(0.03f, 0.001f), 3e-2f, 10, int.MaxValue, LossOptions.Softmax(1024));

    private static readonly TrainingOptions NeuMfSoftmax =
        new(20, 8192, new(0.03f, 0.002f), 0.125f, 10, int.MaxValue, LossOptions.Softmax(1024));

    public static IReadOnlyList<TrainingRun> All { get; } =
    [
        Of("mf-gowalla", "gowalla", "mf", new(1000, 32_768, new(0.005f, 0.0001f), 3e-3f, 100, int.MaxValue, LossOptions.Bpr), (0.1627, 0.1378), OpenBenchmark, SmallFirstValues),
        Of("ncf-gowalla", "gowalla", "ncf", NeuMfSoftmax, (0.1399, 0.1212), OpenBenchmark, SmallFirstValues),
        Of("ngcf-gowalla", "gowalla", "ngcf", new(240, 32_768, new(0.005f, 0.0002f), 1e-4f, 20, int.MaxValue, LossOptions.Bpr, Beta2: 0.96f), (0.1570, 0.1327), LightGcnPaper, SmallFirstValues),
        Of("lightgcn-gowalla", "gowalla", "lightgcn", LightGcnBpr, (0.1830, 0.1554), LightGcnPaper, SmallFirstValues),
        Of("lightgcn-yelp2018", "yelp2018", "lightgcn", LightGcnBpr, (0.0649, 0.0530), LightGcnPaper, SmallFirstValues),
        Of("best-gowalla", "gowalla", "lightgcn", LightGcnSoftmax, (0.1872, 0.1557), OpenBenchmark),
        Of("best-yelp2018", "yelp2018", "lightgcn", LightGcnSoftmax, (0.0701, 0.0575), OpenBenchmark),
    ];

    /// <summary>Rows of 64 values, gathered as the papers do; NeuMF's rows hold 64 for each of its two branches.</summary>
    private static TrainingRun Of(
        string name, string dataset, string backbone, TrainingOptions training, (double Recall, double Ndcg) target, string source,
        float deviation = 0.1f) =>
        new(
            name, dataset,
            new BackboneOptions
            {
                Name = backbone,
                MaximumSize = backbone == "ncf" ? 128 : 64,
                TowerSize = 64,
                InitialDeviation = deviation,
                TrainingGathers = GatherPrecision.Float32,
                MessageDropout = BackboneRegistry.DefaultsOf(backbone).MessageDropout,
                NodeDropout = backbone == "ngcf" ? NodeDropout : 0,
                Cosine = training.Loss.Cosine,
            },
            training, target, source);
}
