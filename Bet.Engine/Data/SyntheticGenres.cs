using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>Numbers from one Philox stream, one after the other.</summary>
internal struct SequentialDraws(Philox random)
{
    private ulong position;

    public double Uniform() => random.Uniform(position++);

    public double Normal() => random.Normals(position++).First;
}

/// <summary>Items in genres, to be drawn by popularity from one genre or from all.</summary>
internal sealed class SyntheticGenres
{
    private const int ItemsPerGenre = 20;
    private const int MostGenres = 400;

    /// <summary>Items by genre; genre g is [offsets[g], offsets[g + 1]).</summary>
    private readonly int[] items;
    private readonly int[] offsets;

    /// <summary>Running sums of popularity over <see cref="items"/>, from the beginning.</summary>
    private readonly double[] cumulative;

    public SyntheticGenres(int itemCount, double[] popularity, SequentialDraws draws)
    {
        int wanted = Math.Clamp(itemCount / ItemsPerGenre, 2, MostGenres);
        var genreOf = new int[itemCount];
        for (int item = 0; item < itemCount; item++)
            genreOf[item] = item < wanted ? item : (int)(draws.Uniform() * wanted);
        (offsets, items) = Grouping.By(genreOf, wanted);
        cumulative = new double[itemCount];
        double sum = 0;
        for (int place = 0; place < itemCount; place++)
        {
            sum += popularity[items[place]];
            cumulative[place] = sum;
        }
    }

    public int Count => offsets.Length - 1;

    public int AnyItem(double uniform) => items[Find(cumulative, uniform)];

    public int ItemOf(int genre, double uniform)
    {
        int start = offsets[genre];
        double below = start == 0 ? 0 : cumulative[start - 1];
        var sums = cumulative.AsSpan(start..offsets[genre + 1]);
        return items[start + Find(sums, below, uniform)];
    }

    /// <summary>The place whose weight covers <paramref name="uniform"/> times the whole.</summary>
    public static int Find(ReadOnlySpan<double> cumulative, double uniform) => Find(cumulative, 0, uniform);

    private static int Find(ReadOnlySpan<double> cumulative, double below, double uniform)
    {
        double target = below + (uniform * (cumulative[^1] - below));
        int low = 0;
        int high = cumulative.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (cumulative[middle] > target)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
