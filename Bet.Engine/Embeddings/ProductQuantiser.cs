using System.Numerics.Tensors;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Embeddings;

/// <summary>
/// Finds the centroids of every subspace by Lloyd's algorithm (k-means) and gives every row the nearest. It begins at rows
/// that lie evenly over the ranks, so nothing is random; subspaces are independent, so the threads do not matter.
/// </summary>
internal static class ProductQuantiser
{
    private const int MostIterations = 20;

    /// <summary>Codes [rows, subspaces] and centroids [2^bits, d_max]: row k has centroid k of every subspace, at its columns.</summary>
    /// <param name="rows">float32 [shape.Rows, d_max], row-major.</param>
    /// <param name="shape">How many subspaces and centroids.</param>
    /// <param name="threads">That work at once.</param>
    public static (byte[] Codes, float[] Centroids) Quantise(float[] rows, ProductQuantisedShape shape, int threads)
    {
        var codes = new byte[shape.Codes];
        var centroids = new float[shape.Centroids * shape.MaximumSize];
        using var workers = new Workers(Math.Min(threads, shape.Subspaces));
        workers.For(shape.Subspaces, subspace =>
        {
            var means = new Subspace(rows, shape, subspace);
            for (int i = 0; i < MostIterations && means.Assign(); i++)
                means.Move();
            means.Write(codes, centroids);
        });
        return (codes, centroids);
    }

    /// <summary>One subspace's points, centroids and assignment. Centroids are kept by column, so that a point meets all at once.</summary>
    private sealed class Subspace
    {
        private readonly ProductQuantisedShape shape;
        private readonly int subspace;
        private readonly int[] columns;
        private readonly float[] points;
        private readonly float[] centroids;
        private readonly float[] norms;
        private readonly float[] distances;
        private readonly byte[] nearest;

        public Subspace(float[] rows, ProductQuantisedShape shape, int subspace)
        {
            (this.shape, this.subspace) = (shape, subspace);
            columns = [.. Enumerable.Range(0, shape.MaximumSize).Where(column => column % shape.Subspaces == subspace)];
            points = new float[shape.Rows * columns.Length];
            for (int row = 0; row < shape.Rows; row++)
            {
                for (int j = 0; j < columns.Length; j++)
                    points[(row * columns.Length) + j] = rows[(row * shape.MaximumSize) + columns[j]];
            }

            centroids = new float[columns.Length * shape.Centroids];
            norms = new float[shape.Centroids];
            distances = new float[shape.Centroids];
            nearest = new byte[shape.Rows];
            for (int k = 0; k < shape.Centroids && shape.Rows > 0; k++)
            {
                int row = (int)((long)k * shape.Rows / shape.Centroids);
                for (int j = 0; j < columns.Length; j++)
                    Centroids(j)[k] = points[(row * columns.Length) + j];
            }
        }

        /// <summary>Gives every point the centroid of the least |c|^2 - 2 x . c, the first of equals. False where nothing changes.</summary>
        public bool Assign()
        {
            Array.Clear(norms);
            for (int j = 0; j < columns.Length; j++)
                TensorPrimitives.MultiplyAdd(Centroids(j), Centroids(j), norms, norms);
            bool changed = false;
            for (int row = 0; row < shape.Rows; row++)
            {
                norms.CopyTo(distances, 0);
                for (int j = 0; j < columns.Length; j++)
                    TensorPrimitives.MultiplyAdd(Centroids(j), -2 * points[(row * columns.Length) + j], distances, distances);
                byte found = (byte)TensorPrimitives.IndexOfMin<float>(distances);
                changed |= found != nearest[row];
                nearest[row] = found;
            }

            return changed;
        }

        /// <summary>Every centroid becomes the mean of its points; one that has none stays where it is.</summary>
        public void Move()
        {
            var sums = new double[centroids.Length];
            var counts = new int[shape.Centroids];
            for (int row = 0; row < shape.Rows; row++)
            {
                counts[nearest[row]]++;
                for (int j = 0; j < columns.Length; j++)
                    sums[(j * shape.Centroids) + nearest[row]] += points[(row * columns.Length) + j];
            }

            for (int i = 0; i < sums.Length; i++)
            {
                if (counts[i % shape.Centroids] is > 0 and var count)
                    centroids[i] = (float)(sums[i] / count);
            }
        }

        public void Write(byte[] codes, float[] book)
        {
            for (int row = 0; row < shape.Rows; row++)
                codes[((long)row * shape.Subspaces) + subspace] = nearest[row];
            for (int j = 0; j < columns.Length; j++)
            {
                for (int k = 0; k < shape.Centroids; k++)
                    book[(k * shape.MaximumSize) + columns[j]] = Centroids(j)[k];
            }
        }

        private Span<float> Centroids(int j) => centroids.AsSpan(j * shape.Centroids, shape.Centroids);
    }
}
