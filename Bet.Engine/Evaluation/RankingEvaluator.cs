using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Evaluation;

/// <summary>
/// Full-ranking evaluation: every item is ranked for every user that has relevant items; items of the excluded parts
/// are not recommended. Users go through in blocks, so memory beyond the model stays flat.
/// </summary>
public sealed class RankingEvaluator : IDisposable
{
    /// <summary>Users ranked in one call: bounds the ids and results held at once.</summary>
    private const int FewestUsers = 256, MostUsers = 16_384;

    /// <summary>Scores of one call, some seconds of work at most: between two of them a cancellation is noticed.</summary>
    private const long MostScores = 250_000_000;

    private readonly Backend backend;
    private readonly Interactions relevant;
    private readonly int[] cutoffs;
    private readonly List<Block> blocks = [];

    /// <summary>Where blocks of so many users are ranked; all but the last have the same number.</summary>
    private readonly Dictionary<int, (Ids OnDevice, int[] Ranked)> results = [];

    /// <param name="backend">Where the ranking runs.</param>
    /// <param name="relevant">The items to be found.</param>
    /// <param name="excluded">Parts whose items are left out of the ranking.</param>
    /// <param name="cutoffs">The values of k.</param>
    public RankingEvaluator(
        Backend backend, Interactions relevant, IReadOnlyList<Interactions> excluded, IReadOnlyList<int> cutoffs)
    {
        if (cutoffs.Count == 0 || cutoffs.Any(k => k < 1))
            throw new ArgumentException($"cut-offs must be at least 1; given: {string.Join(", ", cutoffs)}");
        this.backend = backend;
        this.relevant = relevant;
        this.cutoffs = [.. cutoffs.Order().Distinct()];
        var users = Enumerable.Range(0, relevant.UserCount).Where(u => relevant.Of(u).Length > 0);
        int block = (int)Math.Clamp(MostScores / Math.Max(1, relevant.ItemCount), FewestUsers, MostUsers);
        foreach (int[] chunk in users.Chunk(block))
            blocks.Add(new Block(backend, chunk, excluded));
    }

    /// <summary>Ranks with the backbone's weights as they are now.</summary>
    public RankingMetrics Evaluate(Backbone backbone, CancellationToken cancel = default)
    {
        backbone.PrepareRanking();
        var totals = new Totals(cutoffs);
        foreach (var block in blocks)
        {
            cancel.ThrowIfCancellationRequested();
            var (result, ranked) = ResultOf(block.UserNumbers.Length);
            backbone.Rank(block.Users, block.ExcludedOffsets, block.ExcludedItems, cutoffs[^1], result);
            backend.Download(result, ranked);
            for (int i = 0; i < block.UserNumbers.Length; i++)
                totals.Add(ranked.AsSpan(i * cutoffs[^1], cutoffs[^1]), relevant.Of(block.UserNumbers[i]));
        }

        return totals.Means();
    }

    public void Dispose()
    {
        foreach (var block in blocks)
            block.Dispose();
        foreach (var (result, _) in results.Values)
            result.Dispose();
    }

    private (Ids OnDevice, int[] Ranked) ResultOf(int users)
    {
        if (!results.TryGetValue(users, out var result))
            results[users] = result = (backend.AllocateIds(users * cutoffs[^1]), new int[users * cutoffs[^1]]);
        return result;
    }

    /// <summary>Some users with what they exclude, on the device.</summary>
    private sealed class Block : IDisposable
    {
        public Block(Backend backend, int[] users, IReadOnlyList<Interactions> excluded)
        {
            UserNumbers = users;
            Users = Upload(backend, users);
            var offsets = new int[users.Length + 1];
            for (int i = 0; i < users.Length; i++)
                offsets[i + 1] = offsets[i] + excluded.Sum(part => part.Of(users[i]).Length);
            var items = new int[offsets[^1]];
            for (int i = 0; i < users.Length; i++)
            {
                var row = items.AsSpan(offsets[i], offsets[i + 1] - offsets[i]);
                int filled = 0;
                foreach (var part in excluded)
                {
                    part.Of(users[i]).CopyTo(row[filled..]);
                    filled += part.Of(users[i]).Length;
                }

                row.Sort();
            }

            ExcludedOffsets = Upload(backend, offsets);
            ExcludedItems = Upload(backend, items);
        }

        public int[] UserNumbers { get; }

        public Ids Users { get; }

        public Ids ExcludedOffsets { get; }

        public Ids ExcludedItems { get; }

        public void Dispose()
        {
            Users.Dispose();
            ExcludedOffsets.Dispose();
            ExcludedItems.Dispose();
        }

        private static Ids Upload(Backend backend, int[] source)
        {
            var ids = backend.AllocateIds(source.Length);
            backend.Upload(source, ids);
            return ids;
        }
    }

    /// <summary>Sums over users of each metric, and of the squares of two of them, at each cut-off.</summary>
    private sealed class Totals(int[] cutoffs)
    {
        private readonly double[] recall = new double[cutoffs.Length];
        private readonly double[] ndcg = new double[cutoffs.Length];
        private readonly double[] hitRate = new double[cutoffs.Length];
        private readonly double[] recallSquares = new double[cutoffs.Length];
        private readonly double[] ndcgSquares = new double[cutoffs.Length];
        private readonly double[] discounts =
            [.. Enumerable.Range(0, cutoffs[^1]).Select(rank => 1 / Math.Log2(rank + 2))];

        private int users;

        public void Add(ReadOnlySpan<int> ranked, ReadOnlySpan<int> relevant)
        {
            users++;
            int rank = 0, hits = 0;
            double gain = 0, idealGain = 0;
            for (int c = 0; c < cutoffs.Length; c++)
            {
                for (; rank < cutoffs[c]; rank++)
                {
                    if (rank < relevant.Length)
                        idealGain += discounts[rank];
                    if (ranked[rank] < 0 || relevant.BinarySearch(ranked[rank]) < 0)
                        continue;
                    hits++;
                    gain += discounts[rank];
                }

                double ofUser = (double)hits / relevant.Length, gained = gain / idealGain;
                recall[c] += ofUser;
                recallSquares[c] += ofUser * ofUser;
                ndcg[c] += gained;
                ndcgSquares[c] += gained * gained;
                hitRate[c] += hits > 0 ? 1 : 0;
            }
        }

        public RankingMetrics Means() => new(
            users, cutoffs, Mean(recall), Mean(ndcg), Mean(hitRate), Errors(recall, recallSquares), Errors(ndcg, ndcgSquares));

        private double[] Mean(double[] sums) => [.. sums.Select(sum => users == 0 ? 0 : sum / users)];

        /// <summary>sqrt(variance / users), with the unbiased variance; 0 where one user has none.</summary>
        private double[] Errors(double[] sums, double[] squares) => [.. sums.Zip(squares, (sum, square) =>
            users < 2 ? 0 : Math.Sqrt(Math.Max(0, square - (sum * sum / users)) / (users - 1) / users))];
    }
}
