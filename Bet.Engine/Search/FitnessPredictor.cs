using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// Predicts the fitness of an action without training it (BET, Eqs. 7-10, after DeepSets). An entity's feature is its
/// training frequency over the largest of its side. rho_U and rho_V: MLP 1-16-16. For every size d in use, the mean of
/// the embeddings of the entities that have it, with d / d_max beside it, through mu: MLP 17-64-64; the action's
/// embedding is the mean over the sizes; pi: MLP 64-64-1. Leaky ReLU between layers, linear at their ends.
/// <para>
/// Two properties make scoring cheap. Rows are in order of falling frequency, so a set is one range of rows a side and
/// its sum a difference of prefix sums. And mu's last layer is linear, so it commutes with the mean over the sizes: an
/// action costs O(d_max) vectors of 64 and two 64 x 64 products, whatever the number of entities.
/// See <see cref="ActionScorer"/>.
/// </para>
/// </summary>
public sealed class FitnessPredictor
{
    /// <summary>Width of an action's embedding.</summary>
    public const int EmbeddingSize = 64;

    /// <summary>Pairs of one update: all, while there are no more than these.</summary>
    private const int BatchSize = 32;

    private const double LearningRate = 0.01;

    private readonly int maximumSize;
    private readonly ulong seed;
    private readonly PredictorSide users;
    private readonly PredictorSide items;
    private readonly DenseLayer mu1;
    private readonly DenseLayer mu2;
    private readonly DenseLayer pi1;
    private readonly DenseLayer pi2;
    private int updates;
    private ActionScorer? scorer;

    /// <param name="userFrequencies">Training interactions of every user, falling.</param>
    /// <param name="itemFrequencies">Training interactions of every item, falling.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="seed">Of the first weights and the updates' pairs.</param>
    public FitnessPredictor(
        ReadOnlySpan<int> userFrequencies, ReadOnlySpan<int> itemFrequencies, int maximumSize, ulong seed)
    {
        this.maximumSize = maximumSize;
        this.seed = seed;
        Philox Layer(int index) => new(seed, RandomPurpose.PredictorInitialise, (uint)index);
        users = new PredictorSide(userFrequencies, index => Layer(index));
        items = new PredictorSide(itemFrequencies, index => Layer(index + 2));
        mu1 = new DenseLayer(PredictorSide.Hidden + 1, EmbeddingSize, Layer(4));
        mu2 = new DenseLayer(EmbeddingSize, EmbeddingSize, Layer(5));
        pi1 = new DenseLayer(EmbeddingSize, EmbeddingSize, Layer(6));
        pi2 = new DenseLayer(EmbeddingSize, 1, Layer(7));
    }

    /// <summary>The layers, for tests.</summary>
    internal DenseLayer[] Layers =>
        [users.First, users.Second, items.First, items.Second, mu1, mu2, pi1, pi2];

    /// <summary>That score actions.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Fitness and embedding of every action; the same for any number of threads.</summary>
    /// <param name="actions">Over the tables this predictor was made for.</param>
    public PredictedActions Score(IReadOnlyList<TableSizes> actions)
    {
        scorer ??= new ActionScorer(users, items, mu1, mu2, pi1, pi2, maximumSize);
        return scorer.Score(actions, Threads);
    }

    /// <summary>
    /// One step of Adam on the mean squared error (Eq. 11) over pairs drawn from the history with replacement, or over
    /// all of it while it is small.
    /// </summary>
    /// <param name="history">Actions with their fitness; at least one.</param>
    /// <param name="update">Keys the draw of the pairs.</param>
    /// <returns>The mean squared error before the step.</returns>
    public double Update(IReadOnlyList<(TableSizes Sizes, double Fitness)> history, int update)
    {
        double error = AccumulateGradients(Batch(history, update));
        updates++;
        foreach (var layer in Layers)
            layer.Adam(updates, LearningRate);
        scorer = null;
        return error;
    }

    /// <summary>Gradients of the mean squared error over the pairs, added to those of the layers. Returns the error.</summary>
    internal double AccumulateGradients(IReadOnlyList<(TableSizes Sizes, double Fitness)> pairs)
    {
        users.Forward();
        items.Forward();
        double error = 0;
        foreach (var (sizes, fitness) in pairs)
            error += Backward(sizes, fitness, pairs.Count);
        users.Backward();
        items.Backward();
        return error / pairs.Count;
    }

    private IReadOnlyList<(TableSizes Sizes, double Fitness)> Batch(
        IReadOnlyList<(TableSizes Sizes, double Fitness)> history, int update)
    {
        if (history.Count <= BatchSize)
            return history;
        var random = new Philox(seed, RandomPurpose.PredictorUpdate, (uint)update);
        return [.. Enumerable.Range(0, BatchSize).Select(i => history[random.Below((ulong)i, history.Count)])];
    }

    /// <summary>
    /// Forward and backward of one pair. With y the prediction and B pairs: dy = 2 (y - fitness) / B; then through pi and
    /// mu2; the mean over S sizes hands 1 / S of its gradient to every size, and the mean over a set's n entities 1 / n
    /// of its to every entity.
    /// </summary>
    private double Backward(TableSizes sizes, double fitness, int pairs)
    {
        var sets = ActionSets.Of(sizes);
        var inputs = new double[sets.Count * mu1.Inputs];
        var hidden = new double[sets.Count * EmbeddingSize];
        var mean = new double[EmbeddingSize];
        for (int s = 0; s < sets.Count; s++)
        {
            var x = inputs.AsSpan(s * mu1.Inputs, mu1.Inputs);
            var h = hidden.AsSpan(s * EmbeddingSize, EmbeddingSize);
            SetInput(sets[s], x);
            mu1.Forward(x, h);
            Activation.Apply(h);
            DenseLayer.AddScaled(1.0 / sets.Count, h, mean);
        }

        var embedding = new double[EmbeddingSize];
        var p = new double[EmbeddingSize];
        var y = new double[1];
        mu2.Forward(mean, embedding);
        pi1.Forward(embedding, p);
        Activation.Apply(p);
        pi2.Forward(p, y);

        double difference = y[0] - fitness;
        var dp = new double[EmbeddingSize];
        var dEmbedding = new double[EmbeddingSize];
        var dMean = new double[EmbeddingSize];
        pi2.Backward(p, [2 * difference / pairs], dp);
        Activation.ApplyGradient(p, dp);
        pi1.Backward(embedding, dp, dEmbedding);
        mu2.Backward(mean, dEmbedding, dMean);
        for (int s = 0; s < sets.Count; s++)
            BackwardSet(sets[s], inputs.AsSpan(s * mu1.Inputs, mu1.Inputs), hidden.AsSpan(s * EmbeddingSize, EmbeddingSize), dMean, sets.Count);
        return difference * difference;
    }

    private void BackwardSet(ActionSet set, Span<double> x, Span<double> h, double[] dMean, int count)
    {
        Span<double> dh = stackalloc double[EmbeddingSize];
        dh.Clear();
        DenseLayer.AddScaled(1.0 / count, dMean, dh);
        Activation.ApplyGradient(h, dh);
        Span<double> dx = stackalloc double[PredictorSide.Hidden + 1];
        dx.Clear();
        mu1.Backward(x, dh, dx);
        var dEntity = dx[..PredictorSide.Hidden];
        for (int i = 0; i < dEntity.Length; i++)
            dEntity[i] /= set.Entities;
        users.AddGradient(set.Users.From, set.Users.To, dEntity);
        items.AddGradient(set.Items.From, set.Items.To, dEntity);
    }

    /// <summary>x [17]: the mean embedding of the set's entities, then d / d_max.</summary>
    private void SetInput(ActionSet set, Span<double> x)
    {
        var sum = x[..PredictorSide.Hidden];
        users.AddSum(set.Users.From, set.Users.To, sum);
        items.AddSum(set.Items.From, set.Items.To, sum);
        for (int i = 0; i < sum.Length; i++)
            sum[i] /= set.Entities;
        x[PredictorSide.Hidden] = (double)set.Size / maximumSize;
    }
}

/// <summary>Leaky ReLU with slope 0.01; its gradient can be told from its result, as both have one sign.</summary>
internal static class Activation
{
    public const double Slope = 0.01;

    public static void Apply(Span<double> x)
    {
        ref double values = ref MemoryMarshal.GetReference(x);
        var slope = Vector512.Create(Slope);
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            var value = Vector512.LoadUnsafe(ref values, (nuint)i);
            Vector512.MaxNative(value, value * slope).StoreUnsafe(ref values, (nuint)i);
        }

        for (; i < x.Length; i++)
            x[i] = Math.Max(x[i], Slope * x[i]);
    }

    /// <summary>dy becomes dx; y is the result of <see cref="Apply"/>.</summary>
    public static void ApplyGradient(ReadOnlySpan<double> y, Span<double> dy)
    {
        ref double results = ref MemoryMarshal.GetReference(y);
        ref double gradients = ref MemoryMarshal.GetReference(dy);
        var slope = Vector512.Create(Slope);
        int i = 0;
        for (; i + 8 <= dy.Length; i += 8)
        {
            var positive = Vector512.GreaterThan(Vector512.LoadUnsafe(ref results, (nuint)i), Vector512<double>.Zero);
            var gradient = Vector512.LoadUnsafe(ref gradients, (nuint)i);
            Vector512.ConditionalSelect(positive, gradient, gradient * slope).StoreUnsafe(ref gradients, (nuint)i);
        }

        for (; i < dy.Length; i++)
            dy[i] *= y[i] > 0 ? 1 : Slope;
    }
}

/// <summary>The entities that have one size: a range of rows on each side, which may be empty on one.</summary>
internal readonly record struct ActionSet(int Size, (int From, int To) Users, (int From, int To) Items)
{
    public int Entities => Users.To - Users.From + Items.To - Items.From;
}

internal static class ActionSets
{
    /// <summary>The sets of an action, one for every size in use, largest first.</summary>
    public static List<ActionSet> Of(TableSizes sizes)
    {
        var sets = new List<ActionSet>();
        int user = 0, item = 0;
        for (int size = sizes.Users.MaximumSize; size >= 0; size--)
        {
            int userEnd = user + sizes.Users.RowsOfSize[size], itemEnd = item + sizes.Items.RowsOfSize[size];
            if (userEnd > user || itemEnd > item)
                sets.Add(new ActionSet(size, (user, userEnd), (item, itemEnd)));
            (user, item) = (userEnd, itemEnd);
        }

        return sets;
    }
}
