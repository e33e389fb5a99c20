using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// One side of the fitness predictor: rho (MLP 1-16-16) over the entities' relative frequencies. Entities of equal
/// frequency have equal embeddings, so rho runs once a distinct frequency; rows are in order of falling frequency, so a
/// frequency is a range of rows, and the sum of embeddings over any range of rows is a difference of prefix sums.
/// </summary>
internal sealed class PredictorSide
{
    public const int Hidden = 16;

    private readonly double[] features;
    private readonly int[] groupOfRow;
    private readonly double[] hidden;
    private readonly double[] embeddings;
    private readonly double[] embeddingGradients;

    /// <param name="frequencies">Training frequency a row, falling.</param>
    /// <param name="random">Of the first weights.</param>
    public PredictorSide(ReadOnlySpan<int> frequencies, Func<int, Philox> random)
    {
        var starts = new List<int>();
        var distinct = new List<double>();
        for (int row = 0; row < frequencies.Length; row++)
        {
            if (row > 0 && frequencies[row] > frequencies[row - 1])
                throw new ArgumentException($"row {row} has frequency {frequencies[row]}, the row before it {frequencies[row - 1]}: frequencies must fall");
            if (row > 0 && frequencies[row] == frequencies[row - 1])
                continue;
            starts.Add(row);
            distinct.Add((double)frequencies[row] / Math.Max(1, frequencies[0]));
        }

        starts.Add(frequencies.Length);
        GroupStarts = [.. starts];
        features = [.. distinct];
        groupOfRow = new int[frequencies.Length + 1];
        groupOfRow[^1] = Groups;
        for (int group = 0; group < Groups; group++)
            groupOfRow.AsSpan(starts[group], starts[group + 1] - starts[group]).Fill(group);
        hidden = new double[features.Length * Hidden];
        embeddings = new double[features.Length * Hidden];
        embeddingGradients = new double[features.Length * Hidden];
        First = new DenseLayer(1, Hidden, random(0));
        Second = new DenseLayer(Hidden, Hidden, random(1));
    }

    /// <summary>The first row of every distinct frequency, and the number of rows at the end.</summary>
    public int[] GroupStarts { get; }

    public int Groups => features.Length;

    public DenseLayer First { get; }

    public DenseLayer Second { get; }

    public ReadOnlySpan<double> Embedding(int group) => embeddings.AsSpan(group * Hidden, Hidden);

    /// <summary>rho of every distinct frequency.</summary>
    public void Forward()
    {
        for (int group = 0; group < Groups; group++)
        {
            var h = hidden.AsSpan(group * Hidden, Hidden);
            First.Forward(features.AsSpan(group, 1), h);
            Activation.Apply(h);
            Second.Forward(h, embeddings.AsSpan(group * Hidden, Hidden));
        }
    }

    /// <summary>Adds the embeddings of the rows [from, to) to the sum [16].</summary>
    public void AddSum(int from, int to, Span<double> sum)
    {
        for (int group = GroupOf(from); group < Groups && GroupStarts[group] < to; group++)
            DenseLayer.AddScaled(RowsOf(group, from, to), Embedding(group), sum);
    }

    /// <summary>The gradient of <see cref="AddSum"/>: every row of [from, to) has the gradient given.</summary>
    public void AddGradient(int from, int to, ReadOnlySpan<double> gradient)
    {
        for (int group = GroupOf(from); group < Groups && GroupStarts[group] < to; group++)
            DenseLayer.AddScaled(RowsOf(group, from, to), gradient, embeddingGradients.AsSpan(group * Hidden, Hidden));
    }

    /// <summary>From the embeddings' gradients to those of rho's weights.</summary>
    public void Backward()
    {
        Span<double> dh = stackalloc double[Hidden];
        for (int group = 0; group < Groups; group++)
        {
            var h = hidden.AsSpan(group * Hidden, Hidden);
            dh.Clear();
            Second.Backward(h, embeddingGradients.AsSpan(group * Hidden, Hidden), dh);
            Activation.ApplyGradient(h, dh);
            First.Backward(features.AsSpan(group, 1), dh, []);
        }

        Array.Clear(embeddingGradients);
    }

    /// <summary>The distinct frequency of a row; the number of groups for the row past the last.</summary>
    public int GroupOf(int row) => groupOfRow[row];

    /// <summary>Rows of a group inside [from, to).</summary>
    private int RowsOf(int group, int from, int to) =>
        Math.Min(to, GroupStarts[group + 1]) - Math.Max(from, GroupStarts[group]);
}
