namespace Bet.Bench.Tables;

/// <summary>Recall@5, NDCG@5, Recall@20 and NDCG@20; null where they are not given or a misprint.</summary>
public readonly record struct PublishedRow(double? Recall5, double? Ndcg5, double Recall20, double? Ndcg20)
{
    /// <summary>How far others are above it, "+3.9%, +6.0%" of Recall@20 and NDCG@20, or of what of them it has.</summary>
    public string Compare(double recall20, double ndcg20)
    {
        string recall = FormattableString.Invariant($"{(recall20 / Recall20) - 1:+0.0%;-0.0%}");
        return Ndcg20 is { } ndcg ? FormattableString.Invariant($"{recall}, {(ndcg20 / ndcg) - 1:+0.0%;-0.0%}") : recall;
    }
}

/// <summary>
/// BET's Table 1 (Qu, Chen, Nguyen, Yin, WSDM 2024): BET itself in every cell, and the best that any method has there,
/// BET or not, where another one is better.
/// </summary>
public static class PublishedResults
{
    private static readonly Dictionary<(string, string, double), PublishedRow> Rows = new()
    {
        [("gowalla", "lightgcn", 0.8)] = new(.0797, .1303, .1753, .1483),
        [("gowalla", "lightgcn", 0.9)] = new(.0736, .1212, .1620, .1376),
        [("gowalla", "lightgcn", 0.95)] = new(.0627, .1037, .1374, .1171),
        [("gowalla", "ngcf", 0.8)] = new(.0643, .1039, .1454, .1204),
        [("gowalla", "ngcf", 0.9)] = new(.0623, .1012, .1426, .1177),
        [("gowalla", "ngcf", 0.95)] = new(.0528, .0883, .1172, null),
        [("gowalla", "ncf", 0.8)] = new(.0511, .0723, .1294, .0973),
        [("gowalla", "ncf", 0.9)] = new(.0434, .0648, .1122, .0845),
        [("gowalla", "ncf", 0.95)] = new(.0388, .0616, .0963, .0756),
        [("yelp2018", "lightgcn", 0.8)] = new(.0310, .0726, .0873, .0816),
        [("yelp2018", "lightgcn", 0.9)] = new(.0284, .0674, .0816, .0762),
        [("yelp2018", "lightgcn", 0.95)] = new(.0255, .0596, .0727, .0676),
        [("yelp2018", "ngcf", 0.8)] = new(.0254, .0601, .0741, .0685),
        [("yelp2018", "ngcf", 0.9)] = new(.0246, .0586, .0736, .0676),
        [("yelp2018", "ngcf", 0.95)] = new(.0216, .0505, .0639, .0588),
        [("yelp2018", "ncf", 0.8)] = new(.0194, .0451, .0620, .0554),
        [("yelp2018", "ncf", 0.9)] = new(.0173, .0400, .0565, .0499),
        [("yelp2018", "ncf", 0.95)] = new(.0170, .0404, .0545, .0491),
    };

    /// <summary>The cells, in the paper's order.</summary>
    public static IEnumerable<(string Dataset, string Backbone, double Sparsity)> Cells => Rows.Keys;

    /// <summary>BET in a cell; null for a cell that the paper has not.</summary>
    public static PublishedRow? Of(string dataset, string backbone, double sparsity) =>
        Rows.TryGetValue((dataset, backbone, sparsity), out var row) ? row : null;
}
