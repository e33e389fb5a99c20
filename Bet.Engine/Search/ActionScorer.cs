using System.Numerics;
using System.Runtime.InteropServices;
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

    /// <summary>Actions that one thread takes at a time.</summary>
    private const int ChunkSize = 64;

    private readonly DenseLayer mu2;
    private readonly DenseLayer pi1;
    private readonly DenseLayer pi2;
    private readonly PrefixSums users;
    private readonly PrefixSums items;
    private readonly double[] sizeTerms;

    public ActionScorer(
        PredictorSide users, PredictorSide items, DenseLayer mu1, DenseLayer mu2, DenseLayer pi1, DenseLayer pi2,
        int maximumSize)
    {
        (this.mu2, this.pi1, this.pi2) = (mu2, pi1, pi2);
        users.Forward();
        items.Forward();
        this.users = new PrefixSums(users, mu1);
        this.items = new PrefixSums(items, mu1);
        sizeTerms = new double[(maximumSize + 1) * Width];
        for (int size = 0; size <= maximumSize; size++)
        {
            for (int o = 0; o < Width; o++)
                sizeTerms[(size * Width) + o] =
                    (mu1.Weights[(o * mu1.Inputs) + PredictorSide.Hidden] * size / maximumSize) + mu1.Bias[o];
        }
    }

    public PredictedActions Score(IReadOnlyList<TableSizes> actions, int threads)
    {
        var result = new PredictedActions(new double[actions.Count], new double[actions.Count * Width]);
        int chunks = (actions.Count + ChunkSize - 1) / ChunkSize;
        using var workers = new Workers(Math.Min(threads, Math.Max(1, chunks)));
        workers.For(chunks, chunk =>
        {
            int end = Math.Min(actions.Count, (chunk + 1) * ChunkSize);
            for (int action = chunk * ChunkSize; action < end; action++)
                result.Fitness[action] = Score(actions[action], result.Embeddings.AsSpan(action * Width, Width));
        });
        return result;
    }

    private double Score(TableSizes action, Span<double> embedding)
    {
        Span<double> mean = stackalloc double[Width];
        MeanOverSizes(action, mean);
        mu2.Forward(mean, embedding);
        Span<double> hidden = stackalloc double[Width];
        pi1.Forward(embedding, hidden);
        Activation.Apply(hidden);
        Span<double> fitness = stackalloc double[1];
        pi2.Forward(hidden, fitness);
        return fitness[0];
    }

    /// <summary>
    /// The mean over the sizes in use of leaky(W1 [mean rho, d / d_max] + b1), [64]. The prefix sums at a set's first row
    /// are those at the last set's end, so each is read once.
    /// </summary>
    private void MeanOverSizes(TableSizes action, Span<double> mean)
    {
        Span<double> buffers = stackalloc double[4 * Width];
        Span<double> userFrom = buffers[..Width], userTo = buffers.Slice(Width, Width);
        Span<double> itemFrom = buffers.Slice(2 * Width, Width), itemTo = buffers.Slice(3 * Width, Width);
        userFrom.Clear();
        itemFrom.Clear();
        mean.Clear();
        int user = 0, item = 0, sets = 0;
        ReadOnlySpan<int> userRows = action.Users.RowsOfSize, itemRows = action.Items.RowsOfSize;
        for (int size = userRows.Length - 1; size >= 0; size--)
        {
            int entities = userRows[size] + itemRows[size];
            if (entities == 0)
                continue;
            sets++;
            user += userRows[size];
            item += itemRows[size];
            users.Read(user, userTo);
            items.Read(item, itemTo);
            AddSet(1.0 / entities, userFrom, userTo, itemFrom, itemTo, sizeTerms.AsSpan(size * Width, Width), mean);
            var swap = userFrom;
            userFrom = userTo;
            userTo = swap;
            swap = itemFrom;
            itemFrom = itemTo;
            itemTo = swap;
        }

        for (int i = 0; i < Width; i++)
            mean[i] /= Math.Max(1, sets);
    }

    /// <summary>mean += leaky(scale (userTo - userFrom + itemTo - itemFrom) + term), all [64].</summary>
    private static void AddSet(
        double scale, ReadOnlySpan<double> userFrom, ReadOnlySpan<double> userTo, ReadOnlySpan<double> itemFrom,
        ReadOnlySpan<double> itemTo, ReadOnlySpan<double> term, Span<double> mean)
    {
        var scales = new Vector<double>(scale);
        var slope = new Vector<double>(Activation.Slope);
        for (int i = 0; i < Width; i += Vector<double>.Count)
        {
            var sum = new Vector<double>(userTo[i..]) - new Vector<double>(userFrom[i..]) +
                new Vector<double>(itemTo[i..]) - new Vector<double>(itemFrom[i..]);
            var x = (sum * scales) + new Vector<double>(term[i..]);
            (new Vector<double>(mean[i..]) + Vector.Max(x, x * slope)).CopyTo(mean[i..]);
        }
    }

    /// <summary>Sums over the first rows of one side of W1 rho, kept at the first row of every distinct frequency.</summary>
    private sealed class PrefixSums
    {
        private readonly double[] atGroup;
        private readonly double[] ofEntity;
        private readonly int[] groupOfRow;
        private readonly int[] groupStarts;

        public PrefixSums(PredictorSide side, DenseLayer mu1)
        {
            groupStarts = side.GroupStarts;
            atGroup = new double[(side.Groups + 1) * Width];
            ofEntity = new double[(side.Groups + 1) * Width];
            groupOfRow = new int[groupStarts[^1] + 1];
            groupOfRow[^1] = side.Groups;
            for (int group = 0; group < side.Groups; group++)
            {
                int rows = groupStarts[group + 1] - groupStarts[group];
                groupOfRow.AsSpan(groupStarts[group], rows).Fill(group);
                var embedding = side.Embedding(group);
                for (int o = 0; o < Width; o++)
                {
                    double sum = 0;
                    for (int i = 0; i < embedding.Length; i++)
                        sum += mu1.Weights[(o * mu1.Inputs) + i] * embedding[i];
                    ofEntity[(group * Width) + o] = sum;
                    atGroup[((group + 1) * Width) + o] = atGroup[(group * Width) + o] + (rows * sum);
                }
            }
        }

        /// <summary>The sum over the rows [0, row), [64].</summary>
        public void Read(int row, Span<double> sum)
        {
            int group = groupOfRow[row];
            var within = new Vector<double>(row - groupStarts[group]);
            var at = MemoryMarshal.Cast<double, Vector<double>>(atGroup.AsSpan(group * Width, Width));
            var entity = MemoryMarshal.Cast<double, Vector<double>>(ofEntity.AsSpan(group * Width, Width));
            var target = MemoryMarshal.Cast<double, Vector<double>>(sum);
            for (int i = 0; i < target.Length; i++)
                target[i] = at[i] + (within * entity[i]);
        }
    }
}
