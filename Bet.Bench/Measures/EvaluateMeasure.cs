using System.Runtime.InteropServices;
using Bet.Engine.Backbones;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Bench.Measures;

/// <summary>Ranks all items for all users and takes Recall and NDCG; both sides must find the same Recall@20.</summary>
public static class EvaluateMeasure
{
    private const int Columns = 128;

    public static Measure Measure { get; } = new("evaluate", "Recall@20 of all users over all items", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var backend = work.Backend;
        var data = work.Data;
        var recommender = new Recommender(
            backend, data, BackboneRegistry.OptionsFor("mf", Columns) with { Seed = work.Seed });
        var backbone = recommender.Backbone;
        var evaluator = new RankingEvaluator(backend, data.Test, [data.Train], [20]);
        var memory = new PeakMemory();
        using var measured = new MeasureCase("evaluate", evaluator, recommender)
        {
            Ours = () => memory.Watch(() => evaluator.Evaluate(backbone)).RecallAt(20),
            Detail = _ => $"{work.Source}: {data.UserCount} users x {data.ItemCount} items, d = {Columns}; at most "
                + $"{memory.Growth / 1_000_000} MB beyond the model",
            CheckName = "Recall@20",
            PeerScript = "torch_evaluate.py",
            PeerArguments = work.PeerArguments(
                "--graph", work.GraphFile, "--columns", $"{Columns}", "--embeddings", Write(work, backbone.Users, backbone.Items)),
        };
        yield return measured;
    }

    private static string Write(Workload work, params EmbeddingTable[] tables)
    {
        string path = work.TemporaryFile("embeddings.bin");
        using var stream = File.Create(path);
        foreach (var table in tables)
        {
            var values = new float[table.Parameters[0].Value.Length];
            work.Backend.Download(table.Parameters[0].Value, values);
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return path;
    }
}
