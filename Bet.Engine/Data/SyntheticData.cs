using System.Globalization;
using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>How large the generated data set is.</summary>
/// <param name="Users">Every one of them has interactions.</param>
/// <param name="Items">Items to choose from; one that nobody happens to choose is not in the set.</param>
/// <param name="Interactions">Exactly so many; at least one a user, at most half the items for each user.</param>
/// <param name="Seed">Same options, same data.</param>
public sealed record SyntheticOptions(int Users, int Items, int Interactions, ulong Seed = 0);

/// <summary>
/// Generates interactions that look like a shop's: item popularity falls like Zipf's law, user activity is log-normal,
/// and items belong to genres that users like according to a low-dimensional taste, so that collaborative filtering
/// has something to find which popularity alone does not show.
/// </summary>
public static class SyntheticData
{
    private const int TasteDimensions = 6;
    private const double TasteSharpness = 3;
    private const double ZipfExponent = 0.8;
    private const double ZipfShift = 10;
    private const double ActivitySigma = 1;

    /// <summary>Share of interactions that follow popularity alone.</summary>
    private const double TastelessShare = 0.1;

    /// <summary>Draws for one interaction before any item that the user does not have yet is taken.</summary>
    private const int Attempts = 30;
    private const long FirstSecond = 1_600_000_000;
    private const double Day = 86_400;

    // Streams of RandomPurpose.Generate; user u draws from stream UserStream + u.
    private const uint PopularityStream = 0;
    private const uint GenreStream = 1;
    private const uint TasteStream = 2;
    private const uint ActivityStream = 3;
    private const uint UserStream = 16;

    /// <exception cref="ArgumentException">The numbers do not fit together.</exception>
    public static InteractionSet Generate(SyntheticOptions options)
    {
        Validate(options);
        var popularity = Popularity(options);
        var genres = new SyntheticGenres(options.Items, popularity, Draws(options, GenreStream));
        var tastes = Normals(genres.Count * TasteDimensions, Draws(options, TasteStream));
        var activity = Activity(options);
        var output = new Output(options);
        var affinity = new double[genres.Count];
        var lastUser = new int[options.Items];
        Array.Fill(lastUser, -1);
        for (int user = 0; user < options.Users; user++)
        {
            var draws = Draws(options, UserStream + (uint)user);
            Taste(ref draws, tastes, affinity);
            double time = FirstSecond + (draws.Uniform() * 1000 * Day);
            for (int i = 0; i < activity[user]; i++)
            {
                int item = Choose(ref draws, genres, affinity, lastUser, user);
                lastUser[item] = user;
                time += 1 - (Math.Log(1 - draws.Uniform()) * Day);
                output.Add(user, item, (long)time);
            }
        }

        return output.ToSet();
    }

    private static void Validate(SyntheticOptions options)
    {
        if (options.Users < 1 || options.Items < 2)
            throw new ArgumentException($"At least 1 user and 2 items are needed, not {options.Users} and {options.Items}.");
        long most = (long)options.Users * (options.Items / 2);
        if (options.Interactions < options.Users || options.Interactions > most)
        {
            throw new ArgumentException(
                $"{options.Users} users and {options.Items} items can have {options.Users} to {most} interactions, "
                + $"not {options.Interactions}.");
        }
    }

    private static SequentialDraws Draws(SyntheticOptions options, uint stream) =>
        new(new Philox(options.Seed, RandomPurpose.Generate, stream));

    /// <summary>A shifted Zipf law over a random ranking: the rank of an item does not show in its number.</summary>
    private static double[] Popularity(SyntheticOptions options)
    {
        var ranks = new FeistelPermutation(
            options.Items, new Philox(options.Seed, RandomPurpose.Generate, PopularityStream));
        var popularity = new double[options.Items];
        for (int item = 0; item < popularity.Length; item++)
            popularity[item] = Math.Pow(ranks[item] + ZipfShift, -ZipfExponent);
        return popularity;
    }

    private static double[] Normals(int count, SequentialDraws draws)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = draws.Normal();
        return values;
    }

    /// <summary>
    /// Interactions of each user: log-normal, between a floor and half the items, scaled by bisection until their sum
    /// is just not above the number asked for; the rest goes to the first users with room, one each.
    /// </summary>
    private static int[] Activity(SyntheticOptions options)
    {
        int most = options.Items / 2;
        int least = Math.Min(Math.Min(5, most), options.Interactions / options.Users);
        var weights = Array.ConvertAll(
            Normals(options.Users, Draws(options, ActivityStream)), value => Math.Exp(ActivitySigma * value));
        int At(double weight, double scale) => (int)Math.Clamp(weight * scale, least, most);
        double low = 0;
        double high = options.Interactions / weights.Min();
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            if (weights.Sum(weight => (long)At(weight, middle)) <= options.Interactions)
                low = middle;
            else
                high = middle;
        }

        var activity = Array.ConvertAll(weights, weight => At(weight, low));
        int left = options.Interactions - activity.Sum();
        for (int user = 0; left > 0; user = (user + 1) % options.Users)
        {
            if (activity[user] == most)
                continue;
            activity[user]++;
            left--;
        }

        return activity;
    }

    /// <summary>
    /// A user's cumulative affinity to the genres: softmax of the inner products of normal taste vectors.
    /// </summary>
    private static void Taste(ref SequentialDraws draws, double[] genreTastes, double[] affinity)
    {
        Span<double> taste = stackalloc double[TasteDimensions];
        foreach (ref double value in taste)
            value = draws.Normal();
        double sum = 0;
        for (int genre = 0; genre < affinity.Length; genre++)
        {
            double product = 0;
            for (int dimension = 0; dimension < TasteDimensions; dimension++)
                product += taste[dimension] * genreTastes[(genre * TasteDimensions) + dimension];
            sum += Math.Exp(TasteSharpness * product / Math.Sqrt(TasteDimensions));
            affinity[genre] = sum;
        }
    }

    private static int Choose(
        ref SequentialDraws draws, SyntheticGenres genres, double[] affinity, int[] lastUser, int user)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int item = draws.Uniform() < TastelessShare
                ? genres.AnyItem(draws.Uniform())
                : genres.ItemOf(SyntheticGenres.Find(affinity, draws.Uniform()), draws.Uniform());
            if (lastUser[item] != user)
                return item;
        }

        int other = (int)(draws.Uniform() * lastUser.Length);
        while (lastUser[other] == user)
            other = (other + 1) % lastUser.Length;
        return other;
    }

    /// <summary>Collects the interactions and numbers items by first appearance.</summary>
    private sealed class Output(SyntheticOptions options)
    {
        private readonly int[] userOf = new int[options.Interactions];
        private readonly int[] itemOf = new int[options.Interactions];
        private readonly long[] timestamps = new long[options.Interactions];
        private readonly int[] numberOf = new int[options.Items];
        private readonly List<string> itemIds = [];
        private int count;

        public void Add(int user, int item, long timestamp)
        {
            if (numberOf[item] == 0)
            {
                itemIds.Add((item + 1).ToString(CultureInfo.InvariantCulture));
                numberOf[item] = itemIds.Count;
            }

            userOf[count] = user;
            itemOf[count] = numberOf[item] - 1;
            timestamps[count++] = timestamp;
        }

        public InteractionSet ToSet() => new()
        {
            UserIds = [.. Enumerable.Range(1, options.Users).Select(id => id.ToString(CultureInfo.InvariantCulture))],
            ItemIds = [.. itemIds],
            UserOf = userOf,
            ItemOf = itemOf,
            Timestamps = timestamps,
        };
    }
}
