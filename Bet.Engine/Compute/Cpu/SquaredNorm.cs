using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>The sum of squares.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Squares summed in float32 before the sum goes over to float64.</summary>
    private const int SquaresPerSum = 1024;

    public override double SquaredNorm(float scale, Tensor x)
    {
        double sum = Reduce(ChunksOf(x.Length, ChunkLength), x, static (in x, chunk) =>
        {
            long start = (long)chunk * ChunkLength;
            int count = (int)Math.Min(ChunkLength, x.Length - start);
            var values = new ReadOnlySpan<float>(x.Pointer + start, count);
            double partial = 0;
            for (int i = 0; i < count; i += SquaresPerSum)
                partial += TensorPrimitives.SumOfSquares(values.Slice(i, Math.Min(SquaresPerSum, count - i)));
            return partial;
        });
        return scale * sum;
    }
}
