using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Products and combinations value by value.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void Multiply(float alpha, Tensor x, Tensor z, float beta, Tensor y)
    {
        Check(SameShape(x, z) && SameShape(x, y), $"Multiply: x is {x}, z is {z}, y is {y}");
        ForValues(y.Length, (alpha, x, z, beta, y), static (in work, start, count) =>
        {
            var (alpha, x, z, beta, y) = work;
            Multiply(alpha, x.Pointer + start, z.Pointer + start, beta, y.Pointer + start, count);
        });
    }

    private static void Multiply(float alpha, float* x, float* z, float beta, float* y, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = MultiplyVectors<Simd512, Vector512<float>>(alpha, x, z, beta, y, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = MultiplyVectors<Simd256, Vector256<float>>(alpha, x, z, beta, y, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = MultiplyVectors<Simd128, Vector128<float>>(alpha, x, z, beta, y, done, count);
        MultiplyVectors<SimdScalar, float>(alpha, x, z, beta, y, done, count);
    }

    private static int MultiplyVectors<TSimd, TVector>(
        float alpha, float* x, float* z, float beta, float* y, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var alphas = TSimd.Create(alpha);
        var betas = TSimd.Create(beta);
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var result = TSimd.Multiply(TSimd.Multiply(alphas, TSimd.Load(x + i)), TSimd.Load(z + i));
            if (beta != 0)
                result = TSimd.MultiplyAdd(betas, TSimd.Load(y + i), result);
            TSimd.Store(result, y + i);
        }

        return i;
    }

    /// <summary>y = alpha x + gamma z + beta y. A beta of 0 never reads y.</summary>
    private static void Combine(float alpha, float* x, float gamma, float* z, float beta, float* y, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = CombineVectors<Simd512, Vector512<float>>(alpha, x, gamma, z, beta, y, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = CombineVectors<Simd256, Vector256<float>>(alpha, x, gamma, z, beta, y, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = CombineVectors<Simd128, Vector128<float>>(alpha, x, gamma, z, beta, y, done, count);
        CombineVectors<SimdScalar, float>(alpha, x, gamma, z, beta, y, done, count);
    }

    private static int CombineVectors<TSimd, TVector>(
        float alpha, float* x, float gamma, float* z, float beta, float* y, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var alphas = TSimd.Create(alpha);
        var gammas = TSimd.Create(gamma);
        var betas = TSimd.Create(beta);
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var result = TSimd.MultiplyAdd(
                alphas, TSimd.Load(x + i), TSimd.Multiply(gammas, TSimd.Load(z + i)));
            if (beta != 0)
                result = TSimd.MultiplyAdd(betas, TSimd.Load(y + i), result);
            TSimd.Store(result, y + i);
        }

        return i;
    }
}
