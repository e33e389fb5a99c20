namespace Bet.Engine.Data;

/// <summary>What generated users like: for each of a bounded number of tastes, the genres' running probabilities.</summary>
internal sealed class SyntheticTastes
{
    /// <summary>Bounds memory and time: later users share the tastes of these.</summary>
    private const int MostTastes = 4096;
    private const int Dimensions = 6;
    private const double Sharpness = 3;

    private readonly SyntheticOptions options;
    private readonly int genres;
    private readonly double[] affinities;

    public SyntheticTastes(SyntheticOptions options, int genres)
    {
        (this.options, this.genres) = (options, genres);
        var genreTastes = new double[genres * Dimensions];
        var draws = SequentialDraws.Of(options, SequentialDraws.Taste);
        foreach (ref double value in genreTastes.AsSpan())
            value = draws.Normal();
        affinities = new double[Math.Min(options.Users, MostTastes) * genres];
        for (int taste = 0; taste < affinities.Length / genres; taste++)
            Accumulate(SequentialDraws.OfUser(options, taste), genreTastes, affinities.AsSpan(taste * genres, genres));
    }

    /// <summary>A user's cumulative affinity to the genres, [genres], and the stream of the user's further draws.</summary>
    public ReadOnlySpan<double> Of(int user, out SequentialDraws draws)
    {
        draws = SequentialDraws.OfUser(options, user);
        draws.Skip(Dimensions);
        int taste = user < MostTastes ? user : (int)(draws.Uniform() * MostTastes);
        return affinities.AsSpan(taste * genres, genres);
    }

    /// <summary>The softmax of the inner products of normal taste vectors, summed up and not divided by its sum.</summary>
    private static void Accumulate(SequentialDraws draws, double[] genreTastes, Span<double> affinity)
    {
        Span<double> taste = stackalloc double[Dimensions];
        foreach (ref double value in taste)
            value = draws.Normal();
        double sum = 0;
        for (int genre = 0; genre < affinity.Length; genre++)
        {
            double product = 0;
            for (int dimension = 0; dimension < Dimensions; dimension++)
                product += taste[dimension] * genreTastes[(genre * Dimensions) + dimension];
            sum += Math.Exp(Sharpness * product / Math.Sqrt(Dimensions));
            affinity[genre] = sum;
        }
    }
}
