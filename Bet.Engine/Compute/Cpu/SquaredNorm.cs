using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>The sum of squares.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Squares summed in float32 before the sum goes over to float64.</summary>
    private const int SquaresPerSum = 1024;

    public override double SquaredNorm(float scale, Tensor x)
    {
        int chunks = ChunksOf(x.Length, ChunkLength);
        using var sums = scratchPool.Rent((long)chunks * sizeof(double));
        workers.For(chunks, (x, sums), static (in (Tensor X, ScratchPool.Scratch Sums) s, int chunk) =>
        {
            long start = (long)chunk * ChunkLength;
            int count = (int)Math.Min(ChunkLength, s.X.Length - start);
            var values = new ReadOnlySpan<float>(s.X.Pointer + start, count);
            double partial = 0;
            for (int i = 0; i < count; i += SquaresPerSum)
                partial += TensorPrimitives.SumOfSquares(values.Slice(i, Math.Min(SquaresPerSum, count - i)));
            s.Sums.Doubles[chunk] = partial;
        });
        return scale * SumInOrder(sums, chunks);
    }

    private static double SumInOrder(ScratchPool.Scratch sums, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += sums.Doubles[i];
        return sum;
    }
}
