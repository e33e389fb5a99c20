using System.Numerics.Tensors;

namespace Bet.Engine.Compute;

/// <summary>
/// Axes along which rows vary equally. Where a row's values share one scale, coarse values lose least of it if none of its
/// columns counts for more than another; and what a rotation mixes at random is close to normal, which the scales are made for.
/// A random rotation as in Gong and Lazebnik ("Iterative quantization", CVPR 2011), evened out as in Kong and Li ("Isotropic
/// hashing", NIPS 2012).
/// </summary>
public static class EvenAxes
{
    /// <summary>Mean squares of columns differ by less than this share of their mean.</summary>
    private const double Tolerance = 1e-6;

    /// <param name="gram">Symmetric and positive semidefinite, [size, size], row-major.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="random">What the rotation is drawn from.</param>
    /// <returns>Orthogonal A, [size, size], row-major: all diagonal values of A' G A are the same.</returns>
    /// <exception cref="ArgumentException">Not so many values, or not all are finite.</exception>
    public static double[] Of(ReadOnlySpan<double> gram, int size, Philox random)
    {
        if (gram.Length != size * size || !TensorPrimitives.IsFiniteAll<double>(gram))
            throw new ArgumentException($"{gram.Length} values are not {size} rows of {size} finite ones");

        // Axes are rows until they are handed out, and so are the products G a; a' G b is the product of two of them.
        double[] axes = RandomAxes(size, random), products = new double[axes.Length], squares = new double[size];
        for (int axis = 0; axis < size; axis++)
        {
            for (int row = 0; row < size; row++)
                products[(axis * size) + row] = TensorPrimitives.Dot(gram.Slice(row * size, size), Axis(axes, axis, size));
            squares[axis] = TensorPrimitives.Dot<double>(Axis(axes, axis, size), Axis(products, axis, size));
        }

        // Each turn of the largest against the smallest gives one of them the mean for good.
        double mean = TensorPrimitives.Sum<double>(squares) / Math.Max(1, size);
        for (int turn = 1; turn < size; turn++)
        {
            int largest = TensorPrimitives.IndexOfMax<double>(squares), smallest = TensorPrimitives.IndexOfMin<double>(squares);
            double above = squares[largest] - mean, below = squares[smallest] - mean;
            if (above - below <= Tolerance * mean)
                break;
            double both = TensorPrimitives.Dot<double>(Axis(axes, largest, size), Axis(products, smallest, size));
            double tangent = LesserRoot(below, both, above), cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
            Rotate(Axis(axes, largest, size), Axis(axes, smallest, size), cosine, cosine * tangent);
            Rotate(Axis(products, largest, size), Axis(products, smallest, size), cosine, cosine * tangent);
            (squares[largest], squares[smallest]) = (mean, mean + above + below);
        }

        return [.. Enumerable.Range(0, axes.Length).Select(at => axes[(at % size * size) + (at / size)])];
    }

    /// <summary>Of below t^2 + 2 both t + above = 0, whose ends differ in sign: what is turned least.</summary>
    private static double LesserRoot(double below, double both, double above)
    {
        double root = Math.Sqrt((both * both) - (above * below));
        return -above / (both + (both < 0 ? -root : root));
    }

    /// <summary>Directions that are as likely as each other: normal values made perpendicular (Gram-Schmidt, twice).</summary>
    private static double[] RandomAxes(int size, Philox random)
    {
        var axes = new double[size * size];
        for (int at = 0; at < axes.Length; at++)
            axes[at] = random.Normals((ulong)at).First;
        for (int axis = 0; axis < size; axis++)
        {
            var current = Axis(axes, axis, size);
            for (int before = 0; before < 2 * axis; before++)
            {
                var other = Axis(axes, before % axis, size);
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<double>(current, other), current, current);
            }

            TensorPrimitives.Divide(current, TensorPrimitives.Norm<double>(current), current);
        }

        return axes;
    }

    private static Span<double> Axis(double[] axes, int axis, int size) => axes.AsSpan(axis * size, size);

    private static void Rotate(Span<double> left, Span<double> right, double cosine, double sine)
    {
        for (int i = 0; i < left.Length; i++)
            (left[i], right[i]) = ((cosine * left[i]) + (sine * right[i]), (cosine * right[i]) - (sine * left[i]));
    }
}
