using Bet.Engine.Backbones;
using Bet.Engine.Compute;

namespace Bet.Bench.Measures;

/// <summary>LightGCN's propagation of all embeddings over three layers, gathering float32 and bfloat16.</summary>
public static class PropagateMeasure
{
    private static readonly (string Name, int Columns, GatherPrecision Precision)[] Propagations =
    [
        ("propagate-64", 64, GatherPrecision.Float32),
        ("propagate-64-bfloat16", 64, GatherPrecision.Bfloat16),
        ("propagate-128", 128, GatherPrecision.Float32),
        ("propagate-128-bfloat16", 128, GatherPrecision.Bfloat16),
    ];

    public static Measure Measure { get; } = new(
        "propagate", "LightGCN's three layers over all embeddings, in float32 and gathering bfloat16",
        work => Propagations.SelectMany(each => Cases(work, each.Name, each.Columns, each.Precision)));

    private static IEnumerable<MeasureCase> Cases(Workload work, string name, int columns, GatherPrecision precision)
    {
        var backend = work.Backend;
        using var graph = new GraphMatrices(backend, work.Data.Train);
        var from = (Users: work.Random(work.Data.UserCount, columns, 0), Items: work.Random(work.Data.ItemCount, columns, 1));
        var to = (Users: backend.Allocate(work.Data.UserCount, columns), Items: backend.Allocate(work.Data.ItemCount, columns));
        using var measured = new MeasureCase(name, from.Users, from.Items, to.Users, to.Items)
        {
            Ours = () =>
            {
                backend.Propagate(
                    graph.UserItem, graph.ItemUser, from, to, RecommenderWork.Layers, default, default, precision);
                return null;
            },
            Repeats = 2,
            Detail = _ => $"{work.Source}: {work.Data.EntityCount} nodes, {2 * work.Data.Train.Count} non-zeros, "
                + $"d = {columns}, {RecommenderWork.Layers} layers",
        };
        yield return measured;
    }
}
