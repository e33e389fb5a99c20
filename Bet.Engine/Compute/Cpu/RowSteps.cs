using System.Runtime.CompilerServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>The arithmetic of <see cref="Optimiser"/> on a vector of values.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>The vector of a value and of its states: addresses, of no meaning where there is no such state.</summary>
    private readonly struct RowVector(float* value, float* first, float* second, float* third)
    {
        public readonly float* Value = value;
        public readonly float* First = first;
        public readonly float* Second = second;
        public readonly float* Third = third;

        public RowVector(in FieldSource source, long offset)
            : this(source.Values + offset, source.FirstState + offset, source.SecondState + offset, source.ThirdState + offset)
        {
        }

        public RowVector(Tensor value, IReadOnlyList<Tensor> states, long offset)
            : this(value.Pointer + offset, State(states, 0) + offset, State(states, 1) + offset, State(states, 2) + offset)
        {
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public RowVector At(int offset) => new(Value + offset, First + offset, Second + offset, Third + offset);

        private static float* State(IReadOnlyList<Tensor> states, int place) =>
            place < states.Count ? states[place].Pointer : null;
    }

    /// <summary>The numbers of a step that are the same for every value.</summary>
    private readonly struct RowFactors(OptimiserStep step)
    {
        public readonly float Rate = step.LearningRate;
        public readonly float Beta1 = step.Beta1;
        public readonly float Beta2 = step.Beta2;
        public readonly float OneMinusBeta1 = (float)(1.0 - step.Beta1);
        public readonly float OneMinusBeta2 = (float)(1.0 - step.Beta2);
        public readonly float Epsilon = step.Epsilon;

        /// <summary>rate / (1 - b1^t)</summary>
        public readonly float CorrectedRate = (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)));

        /// <summary>1 / sqrt(1 - b2^t)</summary>
        public readonly float RootScale = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
    }

    /// <summary>How one optimiser changes a vector of values by their gradients.</summary>
    private interface IRowStep
    {
        static abstract void Step<TSimd, TVector>(in RowFactors factors, TVector gradient, in RowVector row)
            where TSimd : ISimd<TVector>
            where TVector : struct;
    }

    /// <summary>value -= rate g</summary>
    private readonly struct SgdStep : IRowStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Step<TSimd, TVector>(in RowFactors factors, TVector gradient, in RowVector row)
            where TSimd : ISimd<TVector>
            where TVector : struct =>
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(-factors.Rate), gradient, TSimd.Load(row.Value)), row.Value);
    }

    /// <summary>s += g^2, value -= rate g / (sqrt(s) + epsilon)</summary>
    private readonly struct AdagradStep : IRowStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Step<TSimd, TVector>(in RowFactors factors, TVector gradient, in RowVector row)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var sum = TSimd.MultiplyAdd(gradient, gradient, TSimd.Load(row.First));
            TSimd.Store(sum, row.First);
            var root = TSimd.Add(TSimd.Sqrt(sum), TSimd.Create(factors.Epsilon));
            var change = TSimd.Divide(TSimd.Multiply(TSimd.Create(factors.Rate), gradient), root);
            TSimd.Store(TSimd.Subtract(TSimd.Load(row.Value), change), row.Value);
        }
    }

    /// <summary>
    /// Adam (Kingma and Ba 2015, algorithm 1), the bias corrections moved out of the loop. Of a row that is not touched the
    /// moments stand still.
    /// </summary>
    private readonly struct AdamStep : IRowStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Step<TSimd, TVector>(in RowFactors factors, TVector gradient, in RowVector row)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (first, second) = Moments<TSimd, TVector>(factors, gradient, row);
            Move<TSimd, TVector>(factors, first, second, row);
        }
    }

    /// <summary>As <see cref="AdamStep"/>, by the largest second moment so far.</summary>
    private readonly struct AmsGradStep : IRowStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Step<TSimd, TVector>(in RowFactors factors, TVector gradient, in RowVector row)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (first, second) = Moments<TSimd, TVector>(factors, gradient, row);
            var before = TSimd.Load(row.Third);
            var largest = TSimd.Select(TSimd.Subtract(second, before), second, before);
            TSimd.Store(largest, row.Third);
            Move<TSimd, TVector>(factors, first, largest, row);
        }
    }

    /// <summary>m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector First, TVector Second) Moments<TSimd, TVector>(
        in RowFactors factors, TVector gradient, in RowVector row)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var first = TSimd.MultiplyAdd(
            TSimd.Create(factors.Beta1), TSimd.Load(row.First), TSimd.Multiply(TSimd.Create(factors.OneMinusBeta1), gradient));
        var square = TSimd.Multiply(TSimd.Multiply(TSimd.Create(factors.OneMinusBeta2), gradient), gradient);
        var second = TSimd.MultiplyAdd(TSimd.Create(factors.Beta2), TSimd.Load(row.Second), square);
        TSimd.Store(first, row.First);
        TSimd.Store(second, row.Second);
        return (first, second);
    }

    /// <summary>value -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TSimd, TVector>(in RowFactors factors, TVector first, TVector second, in RowVector row)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var root = TSimd.MultiplyAdd(TSimd.Sqrt(second), TSimd.Create(factors.RootScale), TSimd.Create(factors.Epsilon));
        var change = TSimd.Divide(TSimd.Multiply(TSimd.Create(factors.CorrectedRate), first), root);
        TSimd.Store(TSimd.Subtract(TSimd.Load(row.Value), change), row.Value);
    }
}
