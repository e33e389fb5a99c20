using System.Numerics.Tensors;

namespace Bet.Engine.Compute;

/// <summary>The eigenvectors of a Gram matrix: the axes along which its rows vary most, least last.</summary>
public static class PrincipalAxes
{
    /// <summary>Pairs of columns whose cosine is below this are perpendicular.</summary>
    private const double Tolerance = 1e-9;

    private const int MostSweeps = 30;

    /// <summary>
    /// One-sided Jacobi rotations (Hestenes, J. SIAM 1958): the columns of G V become perpendicular, and their norms are
    /// then the eigenvalues.
    /// </summary>
    /// <param name="gram">Symmetric and positive semidefinite, [size, size], row-major.</param>
    /// <param name="size">Rows and columns.</param>
    /// <returns>Orthogonal [size, size], row-major: column j is the axis of the j-th largest eigenvalue.</returns>
    /// <exception cref="ArgumentException">Not so many values, or not all are finite.</exception>
    public static double[] Of(ReadOnlySpan<double> gram, int size)
    {
        if (gram.Length != size * size || !TensorPrimitives.IsFiniteAll<double>(gram))
            throw new ArgumentException($"{gram.Length} values are not {size} rows of {size} finite ones");

        // Both are kept by columns, which are what is rotated; a symmetric matrix's columns are its rows.
        double[] products = gram.ToArray(), axes = new double[size * size];
        for (int i = 0; i < size; i++)
            axes[(i * size) + i] = 1;
        for (int sweep = 0; sweep < MostSweeps && Sweep(products, axes, size); sweep++)
        {
        }

        double[] eigenvalues = [.. Enumerable.Range(0, size).Select(j => -TensorPrimitives.Norm<double>(products.AsSpan(j * size, size)))];
        int[] order = [.. Enumerable.Range(0, size)];
        Array.Sort(eigenvalues, order);
        var result = new double[size * size];
        for (int j = 0; j < size; j++)
        {
            for (int i = 0; i < size; i++)
                result[(i * size) + j] = axes[(order[j] * size) + i];
        }

        return result;
    }

    /// <summary>Makes every pair of columns perpendicular once. False where all were.</summary>
    private static bool Sweep(double[] products, double[] axes, int size)
    {
        bool turned = false;
        for (int p = 0; p < size - 1; p++)
        {
            for (int q = p + 1; q < size; q++)
            {
                Span<double> left = products.AsSpan(p * size, size), right = products.AsSpan(q * size, size);
                double alpha = TensorPrimitives.Dot<double>(left, left), beta = TensorPrimitives.Dot<double>(right, right);
                double gamma = TensorPrimitives.Dot<double>(left, right);
                if (Math.Abs(gamma) <= Tolerance * Math.Sqrt(alpha * beta))
                    continue;
                turned = true;
                double zeta = (beta - alpha) / (2 * gamma);
                double tangent = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
                double cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
                Rotate(left, right, cosine, cosine * tangent);
                Rotate(axes.AsSpan(p * size, size), axes.AsSpan(q * size, size), cosine, cosine * tangent);
            }
        }

        return turned;
    }

    private static void Rotate(Span<double> left, Span<double> right, double cosine, double sine)
    {
        for (int i = 0; i < left.Length; i++)
            (left[i], right[i]) = ((cosine * left[i]) - (sine * right[i]), (sine * left[i]) + (cosine * right[i]));
    }
}
