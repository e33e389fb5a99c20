using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g², and
/// value -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon), which is the paper's step with its bias
/// corrections moved out of the loop.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    public override void Adam(
        AdamStep step, Tensor gradient, Tensor value, Tensor firstMoment, Tensor secondMoment, Ids? sizes)
    {
        Check(
            SameShape(value, gradient) && SameShape(value, firstMoment) && SameShape(value, secondMoment),
            $"Adam: gradient {gradient}, value {value}, first moment {firstMoment}, second moment {secondMoment}");
        Check(sizes is null || sizes.Count == value.Rows, $"Adam: {sizes?.Count} sizes for the rows of {value}");
        Check(step.Step >= 1, $"Adam: steps count from 1, not from {step.Step}");
        var factors = new AdamFactors(step);
        if (sizes is null)
        {
            ForValues(
                value.Length, (factors, gradient, value, firstMoment, secondMoment),
                static (in work, start, count) => AdamRange(
                    work.factors, work.gradient.Pointer + start, work.value.Pointer + start,
                    work.firstMoment.Pointer + start, work.secondMoment.Pointer + start, count));
            return;
        }

        ForRows(
            value.Rows, value.Columns, (factors, gradient, value, firstMoment, secondMoment, sizes),
            static (in work, start, end) =>
            {
                var (factors, gradient, value, firstMoment, secondMoment, sizes) = work;
                for (int row = start; row < end; row++)
                {
                    long at = (long)row * value.Columns;
                    AdamRange(
                        factors, gradient.Pointer + at, value.Pointer + at, firstMoment.Pointer + at,
                        secondMoment.Pointer + at, Math.Clamp(sizes.Pointer[row], 0, value.Columns));
                }
            });
    }

    private static void AdamRange(in AdamFactors factors, float* g, float* value, float* m, float* v, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = AdamVectors<Simd512, Vector512<float>>(factors, g, value, m, v, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = AdamVectors<Simd256, Vector256<float>>(factors, g, value, m, v, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = AdamVectors<Simd128, Vector128<float>>(factors, g, value, m, v, done, count);
        AdamVectors<SimdScalar, float>(factors, g, value, m, v, done, count);
    }

    private static int AdamVectors<TSimd, TVector>(
        in AdamFactors factors, float* g, float* value, float* m, float* v, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var beta1 = TSimd.Create(factors.Beta1);
        var beta2 = TSimd.Create(factors.Beta2);
        var one1 = TSimd.Create(factors.OneMinusBeta1);
        var one2 = TSimd.Create(factors.OneMinusBeta2);
        var rate = TSimd.Create(factors.Rate);
        var rootScale = TSimd.Create(factors.RootScale);
        var epsilon = TSimd.Create(factors.Epsilon);
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var slope = TSimd.Load(g + i);
            var first = TSimd.MultiplyAdd(beta1, TSimd.Load(m + i), TSimd.Multiply(one1, slope));
            var second = TSimd.MultiplyAdd(
                beta2, TSimd.Load(v + i), TSimd.Multiply(TSimd.Multiply(one2, slope), slope));
            TSimd.Store(first, m + i);
            TSimd.Store(second, v + i);
            var root = TSimd.MultiplyAdd(TSimd.Sqrt(second), rootScale, epsilon);
            var change = TSimd.Divide(TSimd.Multiply(rate, first), root);
            TSimd.Store(TSimd.Subtract(TSimd.Load(value + i), change), value + i);
        }

        return i;
    }

    /// <summary>The numbers of a step that are the same for every value.</summary>
    private readonly struct AdamFactors(AdamStep step)
    {
        public readonly float Beta1 = step.Beta1;
        public readonly float Beta2 = step.Beta2;
        public readonly float OneMinusBeta1 = (float)(1.0 - step.Beta1);
        public readonly float OneMinusBeta2 = (float)(1.0 - step.Beta2);
        public readonly float Epsilon = step.Epsilon;

        /// <summary>rate / (1 - b1^t)</summary>
        public readonly float Rate = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)));

        /// <summary>1 / sqrt(1 - b2^t)</summary>
        public readonly float RootScale = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
    }
}
