using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Sums of every row of one tensor with every row of another.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Values of a slice of z's gradient: every row of x reads 2 KiB of it at a stretch.</summary>
    private const int PairSumsSlice = 512;

    public override void PairSums(Tensor x, Tensor z, Tensor y)
    {
        Check(IsPairOf(x, z, y), $"PairSums: x is {x}, z is {z}, y is {y}");
        ForRows(y.Rows, y.Columns, (x, z, y), static (in work, start, end) =>
        {
            var (x, z, y) = work;
            var (left, right) = Math.DivRem(start, z.Rows);
            for (int row = start; row < end; row++)
            {
                TensorPrimitives.Add(Row(x, left), Row(z, right), Row(y, row));
                if (++right == z.Rows)
                    (left, right) = (left + 1, 0);
            }
        });
    }

    /// <summary>Both sums in float32, in the order of the rows of dy.</summary>
    public override void PairSumsGradient(Tensor dy, float betaX, Tensor dx, float betaZ, Tensor dz)
    {
        Check(IsPairOf(dx, dz, dy), $"PairSumsGradient: dy is {dy}, dx is {dx}, dz is {dz}");
        long width = dz.Length;
        ForRows(dx.Rows, (int)Math.Min(width, ChunkLength), (dy, betaX, dx, dz.Rows), static (in work, start, end) =>
        {
            var (dy, beta, dx, pairs) = work;
            for (int row = start; row < end; row++)
            {
                var sum = Row(dx, row);
                Scale(beta, sum);
                for (int pair = 0; pair < pairs; pair++)
                    TensorPrimitives.Add(sum, Row(dy, (row * pairs) + pair), sum);
            }
        });
        workers.For(ChunksOf(width, PairSumsSlice), (dy, betaZ, dz, dx.Rows), static (in work, chunk) =>
        {
            var (dy, beta, dz, rows) = work;
            long width = dz.Length, start = (long)chunk * PairSumsSlice;
            int count = (int)Math.Min(PairSumsSlice, width - start);
            var sum = new Span<float>(dz.Pointer + start, count);
            Scale(beta, sum);
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(dy.Pointer + (row * width) + start, count), sum);
        });
    }

    private static bool IsPairOf(Tensor x, Tensor z, Tensor y) =>
        x.Columns == z.Columns && y.Columns == x.Columns && y.Rows == (long)x.Rows * z.Rows;
}
