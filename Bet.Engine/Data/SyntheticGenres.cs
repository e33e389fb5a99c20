using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>
/// Items in genres, to be drawn by popularity from one genre or from all, in constant expected time: a guide table
/// says near which place each part of a genre's weight lies (Chen and Asau, "On generating random variates from an
/// empirical distribution", AIIE Transactions 6, 1974).
/// </summary>
internal sealed class SyntheticGenres
{
    private const int ItemsPerGenre = 20;
    private const int MostGenres = 400;
    private const double ZipfExponent = 0.8;
    private const double ZipfShift = 10;

    /// <summary>Items by genre; genre g is [offsets[g], offsets[g + 1]).</summary>
    private readonly int[] items;
    private readonly int[] offsets;

    /// <summary>Running sums of popularity over <see cref="items"/>, from the beginning.</summary>
    private readonly double[] cumulative;

    /// <summary>The running sum at the end of each genre.</summary>
    private readonly double[] genreEnds;

    /// <summary>For part j of the n equal parts of a genre of n items: the place whose weight covers its beginning.</summary>
    private readonly int[] guide;

    public SyntheticGenres(SyntheticOptions options)
    {
        (offsets, items) = Group(options);
        var ranks = new FeistelPermutation(
            options.Items, new Philox(options.Seed, RandomPurpose.Generate, SequentialDraws.Popularity));
        cumulative = new double[items.Length];
        double sum = 0;
        for (int place = 0; place < items.Length; place++)
            cumulative[place] = sum += Math.Pow(ranks[items[place]] + ZipfShift, -ZipfExponent);
        genreEnds = new double[Count];
        guide = new int[items.Length];
        for (int genre = 0; genre < Count; genre++)
        {
            genreEnds[genre] = cumulative[offsets[genre + 1] - 1];
            FillGuide(genre);
        }
    }

    public int Count => offsets.Length - 1;

    public int Items => items.Length;

    public int AnyItem(double uniform)
    {
        double target = uniform * cumulative[^1];
        int genre = Find(genreEnds, uniform);
        double below = Below(genre);
        return Item(genre, target, (target - below) / (genreEnds[genre] - below));
    }

    public int ItemOf(int genre, double uniform)
    {
        double below = Below(genre);
        return Item(genre, below + (uniform * (genreEnds[genre] - below)), uniform);
    }

    /// <summary>The place whose weight covers <paramref name="uniform"/> times the whole.</summary>
    public static int Find(ReadOnlySpan<double> cumulative, double uniform)
    {
        double target = uniform * cumulative[^1];
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

    /// <summary>Every genre has at least one item, the others are random.</summary>
    private static (int[] Offsets, int[] Items) Group(SyntheticOptions options)
    {
        int wanted = Math.Clamp(options.Items / ItemsPerGenre, 2, MostGenres);
        var draws = SequentialDraws.Of(options, SequentialDraws.Genre);
        var genreOf = new int[options.Items];
        for (int item = 0; item < genreOf.Length; item++)
            genreOf[item] = item < wanted ? item : (int)(draws.Uniform() * wanted);
        return Grouping.By(genreOf, wanted);
    }

    private double Below(int genre) => genre == 0 ? 0 : genreEnds[genre - 1];

    /// <summary>The first item of the genre whose running sum is above the target, else its last.</summary>
    /// <param name="genre">Where the target lies.</param>
    /// <param name="target">In the running sums.</param>
    /// <param name="share">About which share of the genre's weight lies below the target.</param>
    private int Item(int genre, double target, double share)
    {
        int first = offsets[genre];
        int last = offsets[genre + 1] - 1;
        int place = guide[Math.Clamp(first + (int)(share * (last + 1 - first)), first, last)];
        while (place < last && cumulative[place] <= target)
            place++;
        while (place > first && cumulative[place - 1] > target)
            place--;
        return items[place];
    }

    private void FillGuide(int genre)
    {
        int first = offsets[genre];
        int end = offsets[genre + 1];
        double below = Below(genre);
        double part = (genreEnds[genre] - below) / (end - first);
        for (int place = first, entry = first; entry < end; entry++)
        {
            while (place < end - 1 && cumulative[place] <= below + ((entry - first) * part))
                place++;
            guide[entry] = place;
        }
    }
}
