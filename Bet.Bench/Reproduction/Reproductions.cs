using Bet.Engine.Backbones;
using Bet.Engine.Training;

namespace Bet.Bench.Reproduction;

/// <summary>The runs of <c>reproduce</c>: the papers' models and loss, and then our own choice.</summary>
public static class Reproductions
{
    private const string LightGcnPaper = "LightGCN (SIGIR 2020)";
    private const string OpenBenchmark = "BARS / SimpleX (CIKM 2021)";

    private static readonly TrainingOptions LightGcnBpr =
        new(700, 65_536, new(0.015f, 0.0005f), 1e-4f, 50, int.MaxValue, LossOptions.Bpr);

    private static readonly TrainingOptions LightGcnSoftmax =
        new(30, 8192, new(0.01f, 0.001f), 1e-4f, 5, int.MaxValue, LossOptions.Softmax(1024));

    public static IReadOnlyList<TrainingRun> All { get; } =
    [
        Of("mf-gowalla", "gowalla", "mf", new(800, 16_384, new(0.005f, 0.0002f), 1e-2f, 50, int.MaxValue, LossOptions.Bpr), (0.1627, 0.1378), OpenBenchmark),
        Of("ncf-gowalla", "gowalla", "ncf", new(40, 16_384, new(0.005f, 0.0003f), 5e-3f, 20, int.MaxValue, LossOptions.Bpr), (0.1399, 0.1212), OpenBenchmark),
        Of("ngcf-gowalla", "gowalla", "ngcf", new(60, 32_768, new(0.005f, 0.0003f), 1e-4f, 10, int.MaxValue, LossOptions.Bpr), (0.1570, 0.1327), LightGcnPaper),
        Of("lightgcn-gowalla", "gowalla", "lightgcn", LightGcnBpr, (0.1830, 0.1554), LightGcnPaper),
        Of("lightgcn-yelp2018", "yelp2018", "lightgcn", LightGcnBpr, (0.0649, 0.0530), LightGcnPaper),
        Of("best-gowalla", "gowalla", "lightgcn", LightGcnSoftmax, (0.1872, 0.1557), OpenBenchmark),
        Of("best-yelp2018", "yelp2018", "lightgcn", LightGcnSoftmax, (0.0701, 0.0575), OpenBenchmark),
    ];

    /// <summary>Rows of 64 values; NeuMF's rows hold 64 for each of its two branches.</summary>
    private static TrainingRun Of(
        string name, string dataset, string backbone, TrainingOptions training, (double Recall, double Ndcg) target, string source) =>
        new(
            name, dataset,
            new BackboneOptions
            {
                Name = backbone,
                MaximumSize = backbone == "ncf" ? 128 : 64,
                MessageDropout = BackboneRegistry.DefaultsOf(backbone).MessageDropout,
                Cosine = training.Loss.Cosine,
            },
            training, target, source);
}
