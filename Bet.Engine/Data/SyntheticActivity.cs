using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>How many interactions each generated user has.</summary>
internal static class SyntheticActivity
{
    private const double Sigma = 1;
    private const int Floor = 5;
    private const int Bisections = 60;

    /// <summary>
    /// Log-normal, between a floor and half the items, scaled by bisection until their sum is just not above the
    /// number asked for; the rest goes to the first users with room, one each.
    /// </summary>
    public static int[] Of(SyntheticOptions options)
    {
        int most = options.Items / 2;
        int least = Math.Min(Math.Min(Floor, most), options.Interactions / options.Users);
        var weights = new double[options.Users];
        var draws = SequentialDraws.Of(options, SequentialDraws.Activity);
        foreach (ref double weight in weights.AsSpan())
            weight = Math.Exp(Sigma * draws.Normal());
        int At(double weight, double scale) => (int)Math.Clamp(weight * scale, least, most);
        double low = 0;
        double high = options.Interactions / weights.Min();
        for (int step = 0; step < Bisections; step++)
        {
            double middle = (low + high) / 2;
            long sum = 0;
            foreach (double weight in weights)
                sum += At(weight, middle);
            if (sum <= options.Interactions)
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
}
