namespace Bet.Engine.Search;

/// <summary>
/// Gaussian process regression (Rasmussen and Williams 2006, Algorithm 2.1) with a Matern 5/2 kernel. Values are
/// standardised; length and noise are those of a small grid under which the observations are likeliest.
/// </summary>
internal sealed class GaussianProcess
{
    private static readonly double[] Lengths = [0.5, 1, 2, 4, 8];
    private static readonly double[] Noises = [0.001, 0.01, 0.1];

    private readonly IReadOnlyList<double[]> points;
    private readonly double mean;
    private readonly double deviation;
    private readonly double length;
    private readonly double[,] factor;
    private readonly double[] weights;

    /// <param name="points">At least one, all of the same length.</param>
    /// <param name="values">One a point.</param>
    public GaussianProcess(IReadOnlyList<double[]> points, IReadOnlyList<double> values)
    {
        this.points = points;
        mean = values.Average();
        deviation = Math.Max(1e-9, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
        double[] y = [.. values.Select(value => (value - mean) / deviation)];
        double likeliest = double.NegativeInfinity;
        (factor, weights) = (new double[0, 0], []);
        foreach (double tried in Lengths)
        {
            foreach (double noise in Noises)
            {
                var l = Cholesky(Covariance(tried, noise));
                double[] a = Back(l, Forward(l, y));
                double likelihood = 0;
                for (int i = 0; i < y.Length; i++)
                    likelihood -= (0.5 * y[i] * a[i]) + Math.Log(l[i, i]);
                if (likelihood > likeliest)
                    (likeliest, length, factor, weights) = (likelihood, tried, l, a);
            }
        }
    }

    /// <summary>What is expected at a point, and how uncertain that is, in the values' own unit.</summary>
    public (double Mean, double Deviation) Predict(double[] point)
    {
        double[] k = [.. points.Select(known => Kernel(known, point, length))];
        double expected = 0;
        for (int i = 0; i < k.Length; i++)
            expected += k[i] * weights[i];
        double explained = Forward(factor, k).Sum(v => v * v);
        return (mean + (deviation * expected), deviation * Math.Sqrt(Math.Max(0, 1 - explained)));
    }

    /// <summary>How much a point is expected to exceed the best so far, counting nothing where it does not (Mockus 1978).</summary>
    public double ExpectedImprovement(double[] point, double best)
    {
        var (expected, uncertainty) = Predict(point);
        if (uncertainty <= 1e-12)
            return Math.Max(0, expected - best);
        double z = (expected - best) / uncertainty;
        return (uncertainty * NormalDistribution.Density(z)) + ((expected - best) * NormalDistribution.Below(z));
    }

    private static double Kernel(double[] a, double[] b, double length)
    {
        double squared = 0;
        for (int i = 0; i < a.Length; i++)
            squared += (a[i] - b[i]) * (a[i] - b[i]);
        double r = Math.Sqrt(5 * squared) / length;
        return (1 + r + (r * r / 3)) * Math.Exp(-r);
    }

    private static double[,] Cholesky(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        var l = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                    sum -= l[i, k] * l[j, k];
                l[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j, j];
            }
        }

        return l;
    }

    /// <summary>Solves L x = b.</summary>
    private static double[] Forward(double[,] l, double[] b)
    {
        var x = new double[b.Length];
        for (int i = 0; i < b.Length; i++)
        {
            double sum = b[i];
            for (int k = 0; k < i; k++)
                sum -= l[i, k] * x[k];
            x[i] = sum / l[i, i];
        }

        return x;
    }

    /// <summary>Solves L' x = b.</summary>
    private static double[] Back(double[,] l, double[] b)
    {
        var x = new double[b.Length];
        for (int i = b.Length - 1; i >= 0; i--)
        {
            double sum = b[i];
            for (int k = i + 1; k < b.Length; k++)
                sum -= l[k, i] * x[k];
            x[i] = sum / l[i, i];
        }

        return x;
    }

    private double[,] Covariance(double tried, double noise)
    {
        int n = points.Count;
        var matrix = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
                matrix[i, j] = matrix[j, i] = Kernel(points[i], points[j], tried) + (i == j ? noise : 0);
        }

        return matrix;
    }
}
