using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Steps of an optimiser on every value of a tensor, with the arithmetic that rows of lookups step with.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void Update(
        OptimiserStep step, Tensor gradient, Tensor value, IReadOnlyList<Tensor> states, Ids? sizes)
    {
        CheckUpdate(step, gradient, value, states, sizes);
        switch (step.Kind)
        {
            case Optimiser.Sgd:
                Update<SgdStep>(step, gradient, value, states, sizes);
                break;
            case Optimiser.Adagrad:
                Update<AdagradStep>(step, gradient, value, states, sizes);
                break;
            case Optimiser.Adam:
                Update<AdamStep>(step, gradient, value, states, sizes);
                break;
            default:
                Update<AmsGradStep>(step, gradient, value, states, sizes);
                break;
        }
    }

    private static void CheckUpdate(
        OptimiserStep step, Tensor gradient, Tensor value, IReadOnlyList<Tensor> states, Ids? sizes)
    {
        Check(SameShape(value, gradient), $"Update: gradient {gradient}, value {value}");
        int wanted = step.Kind.StateCount();
        Check(states.Count == wanted, $"Update: {step.Kind} has {wanted} states, not {states.Count}");
        for (int i = 0; i < states.Count; i++)
            Check(SameShape(value, states[i]), $"Update: value {value}, state {i} {states[i]}");
        Check(sizes is null || sizes.Count == value.Rows, $"Update: {sizes?.Count} sizes for the rows of {value}");
        CheckCount("Update", step);
    }

    private static void CheckCount(string operation, OptimiserStep step) => Check(
        step.Step >= 1 || step.Kind is not (Optimiser.Adam or Optimiser.AmsGrad),
        $"{operation}: steps count from 1, not from {step.Step}");

    private void Update<TStep>(
        OptimiserStep step, Tensor gradient, Tensor value, IReadOnlyList<Tensor> states, Ids? sizes)
        where TStep : IRowStep
    {
        var factors = new RowFactors(step);
        if (sizes is null)
        {
            ForValues(value.Length, (factors, gradient, value, states), static (in work, start, count) =>
                UpdateRange<TStep>(
                    work.factors, work.gradient.Pointer + start, new RowVector(work.value, work.states, start), count));
            return;
        }

        ForRows(value.Rows, value.Columns, (factors, gradient, value, states, sizes), static (in work, start, end) =>
        {
            var (factors, gradient, value, states, sizes) = work;
            for (int row = start; row < end; row++)
            {
                long at = (long)row * value.Columns;
                UpdateRange<TStep>(
                    factors, gradient.Pointer + at, new RowVector(value, states, at),
                    Math.Clamp(sizes.Pointer[row], 0, value.Columns));
            }
        });
    }

    private static void UpdateRange<TStep>(in RowFactors factors, float* gradient, in RowVector values, int count)
        where TStep : IRowStep
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = UpdateVectors<TStep, Simd512, Vector512<float>>(factors, gradient, values, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = UpdateVectors<TStep, Simd256, Vector256<float>>(factors, gradient, values, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = UpdateVectors<TStep, Simd128, Vector128<float>>(factors, gradient, values, done, count);
        UpdateVectors<TStep, SimdScalar, float>(factors, gradient, values, done, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int UpdateVectors<TStep, TSimd, TVector>(
        in RowFactors factors, float* gradient, in RowVector values, int start, int count)
        where TStep : IRowStep
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TStep.Step<TSimd, TVector>(factors, TSimd.Load(gradient + i), values.At(i));
        return i;
    }
}
