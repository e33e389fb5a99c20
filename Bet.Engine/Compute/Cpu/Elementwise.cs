using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Operations value by value.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void Axpby(float alpha, Tensor x, float beta, Tensor y)
    {
        Check(SameShape(x, y), $"Axpby: x is {x}, y is {y}");
        ForValues(y.Length, (alpha, x, beta, y), static (in work, start, count) =>
        {
            var (alpha, x, beta, y) = work;
            var source = new ReadOnlySpan<float>(x.Pointer + start, count);
            var destination = new Span<float>(y.Pointer + start, count);
            if (beta == 0)
            {
                TensorPrimitives.Multiply(source, alpha, destination);
                return;
            }

            if (beta != 1)
                TensorPrimitives.Multiply(destination, beta, destination);
            TensorPrimitives.MultiplyAddEstimate(source, alpha, destination, destination);
        });
    }

    public override void LeakyRelu(float slope, Tensor x, Tensor y)
    {
        Check(SameShape(x, y), $"LeakyRelu: x is {x}, y is {y}");
        ForValues(y.Length, (slope, x, y), static (in work, start, count) =>
            LeakyRelu(
                work.slope, work.x.Pointer + start, work.x.Pointer + start, 0, work.y.Pointer + start, count));
    }

    public override void LeakyReluGradient(float slope, Tensor x, Tensor dy, float beta, Tensor dx)
    {
        Check(SameShape(x, dy) && SameShape(x, dx), $"LeakyReluGradient: x is {x}, dy is {dy}, dx is {dx}");
        ForValues(x.Length, (slope, x, dy, beta, dx), static (in work, start, count) =>
            LeakyRelu(
                work.slope, work.x.Pointer + start, work.dy.Pointer + start, work.beta, work.dx.Pointer + start,
                count));
    }

    /// <summary>y = (value, or slope value where x is not positive) + beta y. The forward pass has value = x.</summary>
    private static void LeakyRelu(float slope, float* x, float* value, float beta, float* y, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = LeakyReluVectors<Simd512, Vector512<float>>(slope, x, value, beta, y, count);
        else if (Vector256.IsHardwareAccelerated)
            done = LeakyReluVectors<Simd256, Vector256<float>>(slope, x, value, beta, y, count);
        else if (Vector128.IsHardwareAccelerated)
            done = LeakyReluVectors<Simd128, Vector128<float>>(slope, x, value, beta, y, count);
        LeakyReluVectors<SimdScalar, float>(slope, x + done, value + done, beta, y + done, count - done);
    }

    private static int LeakyReluVectors<TSimd, TVector>(
        float slope, float* x, float* value, float beta, float* y, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var slopes = TSimd.Create(slope);
        var betas = TSimd.Create(beta);
        int i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var values = TSimd.Load(value + i);
            var result = TSimd.Select(TSimd.Load(x + i), values, TSimd.Multiply(values, slopes));
            if (beta != 0)
                result = TSimd.MultiplyAdd(betas, TSimd.Load(y + i), result);
            TSimd.Store(result, y + i);
        }

        return i;
    }

    private static bool SameShape(Tensor a, Tensor b) => a.Rows == b.Rows && a.Columns == b.Columns;
}
