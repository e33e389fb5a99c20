using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;

namespace Bet.Tests.Evaluation;

public sealed class RankingEvaluatorTests
{
    [Fact]
    public void Metrics_of_a_ranking_worked_out_by_hand()
    {
        // Scores are the items' first values: 4 > 3 > 2 > 1 > 0, the same for both users.
        using var backend = new CpuBackend(1);
        using var users = new FullTable(backend, "users", 3, 1);
        using var items = new FullTable(backend, "items", 5, 1);
        backend.Upload([1, 1, 1], users.Parameters[0].Value);
        backend.Upload([0, 1, 2, 3, 4], items.Parameters[0].Value);
        var train = new Interactions(3, 5, [0, 1, 1, 1], [4]);
        var relevant = new Interactions(3, 5, [0, 2, 3, 3], [1, 3, 0]);
        using var backbone = BackboneRegistry.Create(
            new BackboneInputs(backend, users, items, train, new BackboneOptions { Name = "mf", MaximumSize = 1 }));
        using var evaluator = new RankingEvaluator(backend, relevant, [train], [3, 1]);

        var metrics = evaluator.Evaluate(backbone);

        // User 0 ranks 3, 2, 1 (4 is excluded) and finds 3 and 1; user 1 ranks 4, 3, 2 and finds nothing; user 2 has
        // nothing to find and does not count.
        double ideal = 1 + 1 / Math.Log2(3);
        Assert.Equal(2, metrics.Users);
        Assert.Equal([1, 3], metrics.Cutoffs);
        Assert.Equal(0.25, metrics.RecallAt(1), 12);
        Assert.Equal(0.5, metrics.RecallAt(3), 12);
        Assert.Equal(0.5, metrics.NdcgAt(1), 12);
        Assert.Equal(0.5 * (1 + 1 / Math.Log2(4)) / ideal, metrics.NdcgAt(3), 12);
        Assert.Equal(0.5, metrics.HitRateAt(3), 12);
        // Two users with recalls 0.5 and 0 at 1, 1 and 0 at 3: half their difference.
        Assert.Equal(0.25, metrics.RecallErrorAt(1), 12);
        Assert.Equal(0.5, metrics.RecallErrorAt(3), 12);
        Assert.Equal(metrics.NdcgAt(3), metrics.NdcgErrorAt(3), 12);
        Assert.Contains("k = 7", Assert.Throws<ArgumentException>(() => metrics.RecallAt(7)).Message);
    }
}
