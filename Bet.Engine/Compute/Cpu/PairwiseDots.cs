using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Inner products of all pairs of a row's blocks, and the gradient through them; one sample at a time.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>The widest vector's values: what loads and stores may reach beyond the last block or pair.</summary>
    private const int PairsSlack = 16;

    /// <summary>
    /// The blocks of a sample are laid side by side as columns, so that the products of block i with W blocks after it are
    /// one vector, summed over the values of the blocks: no sums across a vector's lanes.
    /// </summary>
    public override void PairwiseDots(int size, Tensor x, Tensor y)
    {
        int blocks = CheckPairs("PairwiseDots", size, x, y);
        if (y.Length == 0)
            return;
        long length = PairsScratchLength(size, blocks);
        scratchPool.Ready(workers.Count, length * sizeof(float));
        ForRows(x.Rows, x.Columns, (this, size, blocks, x, y), static (in work, start, end) =>
        {
            var (backend, size, blocks, x, y) = work;
            long length = PairsScratchLength(size, blocks);
            using var scratch = backend.scratchPool.Rent(length * sizeof(float));
            new Span<float>(scratch.Floats, (int)length).Clear();
            float* columns = scratch.Floats, dots = columns + ((long)size * (blocks + PairsSlack));
            for (int row = start; row < end; row++)
            {
                float* sample = x.Pointer + ((long)row * x.Columns);
                for (int block = 0; block < blocks; block++)
                {
                    for (int k = 0; k < size; k++)
                        columns[(k * (blocks + PairsSlack)) + block] = sample[(block * size) + k];
                }

                Dots(size, blocks, sample, columns, dots);
                new ReadOnlySpan<float>(dots, y.Columns).CopyTo(Row(y, row));
            }
        });
    }

    public override void PairwiseDotsGradient(int size, Tensor x, Tensor dy, float beta, Tensor dx)
    {
        int blocks = CheckPairs("PairwiseDotsGradient", size, x, dy);
        Check(SameShape(x, dx), $"PairwiseDotsGradient: x is {x}, dx is {dx}");
        ForRows(x.Rows, x.Columns, (size, blocks, x, dy, beta, dx), static (in work, start, end) =>
        {
            var (size, blocks, x, dy, beta, dx) = work;
            for (int row = start; row < end; row++)
            {
                var gradient = Row(dx, row);
                if (beta == 0)
                    gradient.Clear();
                else if (beta != 1)
                    TensorPrimitives.Multiply(gradient, beta, gradient);
                DotsGradient(
                    size, blocks, x.Pointer + ((long)row * x.Columns), dy.Pointer + ((long)row * dy.Columns),
                    dx.Pointer + ((long)row * x.Columns));
            }
        });
    }

    private static int CheckPairs(string operation, int size, Tensor x, Tensor y)
    {
        int blocks = size > 0 ? x.Columns / size : 0;
        Check(
            size > 0 && x.Rows == y.Rows && x.Columns == (long)blocks * size && y.Columns == (long)blocks * (blocks - 1) / 2,
            $"{operation}: the pairs of x {x} in blocks of {size} do not fit {y}");
        return blocks;
    }

    /// <summary>The blocks as columns, [size, blocks + slack], and the products of a sample.</summary>
    private static long PairsScratchLength(int size, int blocks) =>
        ((long)size * (blocks + PairsSlack)) + ((long)blocks * (blocks - 1) / 2) + PairsSlack;

    private static void Dots(int size, int blocks, float* sample, float* columns, float* dots)
    {
        if (Vector512.IsHardwareAccelerated)
            DotsVectors<Simd512, Vector512<float>>(size, blocks, sample, columns, dots);
        else if (Vector256.IsHardwareAccelerated)
            DotsVectors<Simd256, Vector256<float>>(size, blocks, sample, columns, dots);
        else if (Vector128.IsHardwareAccelerated)
            DotsVectors<Simd128, Vector128<float>>(size, blocks, sample, columns, dots);
        else
            DotsVectors<SimdScalar, float>(size, blocks, sample, columns, dots);
    }

    /// <summary>What a block's last vector holds beyond its pairs, the next block's first overwrites.</summary>
    private static void DotsVectors<TSimd, TVector>(int size, int blocks, float* sample, float* columns, float* dots)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int stride = blocks + PairsSlack;
        for (int block = 0; block < blocks - 1; block++, sample += size)
        {
            for (int other = block + 1; other < blocks; other += TSimd.Count)
            {
                var sum = TSimd.Create(0);
                float* column = columns + other;
                for (int k = 0; k < size; k++, column += stride)
                    sum = TSimd.MultiplyAdd(TSimd.Create(sample[k]), TSimd.Load(column), sum);
                TSimd.Store(sum, dots + (other - block - 1));
            }

            dots += blocks - block - 1;
        }
    }

    private static void DotsGradient(int size, int blocks, float* x, float* dy, float* dx)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = DotsGradientVectors<Simd512, Vector512<float>>(size, blocks, x, dy, dx, done);
        if (Vector256.IsHardwareAccelerated)
            done = DotsGradientVectors<Simd256, Vector256<float>>(size, blocks, x, dy, dx, done);
        if (Vector128.IsHardwareAccelerated)
            done = DotsGradientVectors<Simd128, Vector128<float>>(size, blocks, x, dy, dx, done);
        DotsGradientVectors<SimdScalar, float>(size, blocks, x, dy, dx, done);
    }

    /// <summary>Adds the gradients of the columns from start on of every block; returns the first that are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DotsGradientVectors<TSimd, TVector>(int size, int blocks, float* x, float* dy, float* dx, int start)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int i = start;
        for (; i <= size - TSimd.Count; i += TSimd.Count)
        {
            float* slope = dy;
            for (int block = 0; block < blocks - 1; block++)
            {
                var values = TSimd.Load(x + (block * size) + i);
                var sum = TSimd.Load(dx + (block * size) + i);
                for (int other = block + 1; other < blocks; other++, slope++)
                {
                    int at = (other * size) + i;
                    var slopes = TSimd.Create(*slope);
                    sum = TSimd.MultiplyAdd(slopes, TSimd.Load(x + at), sum);
                    TSimd.Store(TSimd.MultiplyAdd(slopes, values, TSimd.Load(dx + at)), dx + at);
                }

                TSimd.Store(sum, dx + (block * size) + i);
            }
        }

        return i;
    }
}
