using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Search;

/// <summary>What the predictor says of some actions.</summary>
/// <param name="Fitness">[actions].</param>
/// <param name="Embeddings">[actions, 64].</param>
public sealed record PredictedActions(double[] Fitness, double[] Embeddings)
{
    /// <summary>The embedding of one action, [64].</summary>
    public ReadOnlySpan<double> Embedding(int action) =>
        Embeddings.AsSpan(action * FitnessPredictor.EmbeddingSize, FitnessPredictor.EmbeddingSize);
}

/// <summary>
/// The predictor's forward pass for many actions, with its weights frozen. mu's first layer is linear in the set's mean,
/// so the prefix sums are kept behind it already, 64 wide: the layer costs a difference and a scaling a set. Everything
/// is in double precision: a small set in the tail is a small difference of large sums.
/// </summary>
internal sealed class ActionScorer
{
    private const int Width = FitnessPredictor.EmbeddingSize;

    /// <summary>Values of a register.</summary>
    private const int Lanes = 8;

    /// <summary>Actions that one thread takes at a time.</summary>
    private const int ChunkSize = 64;

    private readonly DenseLayer mu2;
    private readonly DenseLayer pi1;
    private readonly DenseLayer pi2;
    private readonly PrefixSums users;
    private readonly PrefixSums items;
    private readonly double[] sizeTerms;
    private readonly int maximumSize;

    public ActionScorer(
        PredictorSide users, PredictorSide items, DenseLayer mu1, DenseLayer mu2, DenseLayer pi1, DenseLayer pi2,
        int maximumSize)
    {
        (this.mu2, this.pi1, this.pi2, this.maximumSize) = (mu2, pi1, pi2, maximumSize);
        users.Forward();
        items.Forward();
        this.users = new PrefixSums(users, mu1);
        this.items = new PrefixSums(items, mu1);
        sizeTerms = new double[(maximumSize + 1) * Width];
        var ofSize = mu1.Weights.Slice(PredictorSide.Hidden * Width, Width);
        for (int size = 0; size <= maximumSize; size++)
        {
            var term = sizeTerms.AsSpan(size * Width, Width);
            mu1.Bias.CopyTo(term);
            DenseLayer.AddScaled((double)size / maximumSize, ofSize, term);
        }
    }

    public PredictedActions Score(IReadOnlyList<TableSizes> actions, int threads)
    {
        var result = new PredictedActions(new double[actions.Count], new double[actions.Count * Width]);
        int chunks = (actions.Count + ChunkSize - 1) / ChunkSize;
        using var workers = new Workers(Math.Min(threads, Math.Max(1, chunks)));
        workers.For(chunks, chunk =>
        {
            var sets = new SetPosition[maximumSize + 1];
            int end = Math.Min(actions.Count, (chunk + 1) * ChunkSize);
            for (int action = chunk * ChunkSize; action < end; action++)
                result.Fitness[action] = Score(actions[action], sets, result.Embeddings.AsSpan(action * Width, Width));
        });
        return result;
    }

    private double Score(TableSizes action, SetPosition[] sets, Span<double> embedding)
    {
        Span<double> mean = stackalloc double[Width];
        MeanOverSizes(sets.AsSpan(0, Locate(action, sets)), mean);
        mu2.Forward(mean, embedding);
        Span<double> hidden = stackalloc double[Width];
        pi1.Forward(embedding, hidden);
        Activation.Apply(hidden);
        Span<double> fitness = stackalloc double[1];
        pi2.Forward(hidden, fitness);
        return fitness[0];
    }

    /// <summary>Where the sums of every size in use are read, largest size first. Returns how many sizes are in use.</summary>
    private int Locate(TableSizes action, SetPosition[] sets)
    {
        int user = 0, item = 0, count = 0;
        ReadOnlySpan<int> userRows = action.Users.RowsOfSize, itemRows = action.Items.RowsOfSize;
        for (int size = userRows.Length - 1; size >= 0; size--)
        {
            int entities = userRows[size] + itemRows[size];
            if (entities == 0)
                continue;
            user += userRows[size];
            item += itemRows[size];
            var (userAt, userWithin) = users.Locate(user);
            var (itemAt, itemWithin) = items.Locate(item);
            sets[count++] = new SetPosition(userAt, itemAt, size * Width, userWithin, itemWithin, 1.0 / entities);
        }

        return count;
    }

    /// <summary>
    /// The mean over the sizes in use of leaky(W1 [mean rho, d / d_max] + b1), [64]. A set's sum is what the two sides'
    /// prefix sums have grown by since the set before. The sets are gone through once for every two registers of the 64
    /// values, so that the sums and the mean stay in registers.
    /// </summary>
    private void MeanOverSizes(ReadOnlySpan<SetPosition> sets, Span<double> mean)
    {
        ref double result = ref MemoryMarshal.GetReference(mean);
        ref double terms = ref MemoryMarshal.GetArrayDataReference(sizeTerms);
        var share = Vector512.Create(1.0 / Math.Max(1, sets.Length));
        for (int at = 0; at < Width; at += 2 * Lanes)
        {
            var before0 = Vector512<double>.Zero;
            var before1 = Vector512<double>.Zero;
            var sum0 = Vector512<double>.Zero;
            var sum1 = Vector512<double>.Zero;
            foreach (ref readonly var set in sets)
            {
                var scale = Vector512.Create(set.Scale);
                var after0 = users.Read(set.User + at, set.UserWithin) + items.Read(set.Item + at, set.ItemWithin);
                var after1 = users.Read(set.User + at + Lanes, set.UserWithin)
                    + items.Read(set.Item + at + Lanes, set.ItemWithin);
                sum0 += Leaky(after0 - before0, scale, Vector512.LoadUnsafe(ref terms, (nuint)(set.Term + at)));
                sum1 += Leaky(after1 - before1, scale, Vector512.LoadUnsafe(ref terms, (nuint)(set.Term + at + Lanes)));
                (before0, before1) = (after0, after1);
            }

            (sum0 * share).StoreUnsafe(ref result, (nuint)at);
            (sum1 * share).StoreUnsafe(ref result, (nuint)(at + Lanes));
        }
    }

    private static Vector512<double> Leaky(Vector512<double> sum, Vector512<double> scale, Vector512<double> term)
    {
        var x = Vector512.MultiplyAddEstimate(sum, scale, term);
        return Vector512.MaxNative(x, x * Vector512.Create(Activation.Slope));
    }

    /// <summary>
    /// Where a size's sums end: the first value of the frequency group in each side's prefix sums and the rows within
    /// that group, the first value of the size's term, and 1 / entities.
    /// </summary>
    private readonly record struct SetPosition(
        int User, int Item, int Term, double UserWithin, double ItemWithin, double Scale);

    /// <summary>Sums over the first rows of one side of W1 rho, kept at the first row of every distinct frequency.</summary>
    private sealed class PrefixSums
    {
        private readonly double[] atGroup;
        private readonly double[] ofEntity;
        private readonly PredictorSide side;

        public PrefixSums(PredictorSide side, DenseLayer mu1)
        {
            this.side = side;
            atGroup = new double[(side.Groups + 1) * Width];
            ofEntity = new double[(side.Groups + 1) * Width];
            for (int group = 0; group < side.Groups; group++)
            {
                var entity = ofEntity.AsSpan(group * Width, Width);
                mu1.AddProduct(side.Embedding(group), entity);
                var after = atGroup.AsSpan((group + 1) * Width, Width);
                atGroup.AsSpan(group * Width, Width).CopyTo(after);
                DenseLayer.AddScaled(side.GroupStarts[group + 1] - side.GroupStarts[group], entity, after);
            }
        }

        /// <summary>The first value of the row's group and the rows between: what <see cref="Read"/> takes.</summary>
        public (int At, double Within) Locate(int row)
        {
            int group = side.GroupOf(row);
            return (group * Width, row - side.GroupStarts[group]);
        }

        /// <summary>Eight of the 64 values of the sum over the rows before the located one.</summary>
        public Vector512<double> Read(int at, double within) => Vector512.MultiplyAddEstimate(
            Vector512.Create(within),
            Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(ofEntity), (nuint)at),
            Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(atGroup), (nuint)at));
    }
}
