using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// y = W' x + b of the fitness predictor, in double precision, with its gradients and Adam's moments. Row i of W holds
/// what input i gives to every output, so outputs lie side by side in vector registers.
/// </summary>
internal sealed class DenseLayer
{
    private readonly double[] values;
    private readonly double[] gradients;
    private readonly double[] firstMoments;
    private readonly double[] secondMoments;

    /// <summary>Weights and biases uniform in +-1 / sqrt(inputs); drawn output by output, then the biases.</summary>
    public DenseLayer(int inputs, int outputs, Philox random)
    {
        Inputs = inputs;
        Outputs = outputs;
        int count = (inputs + 1) * outputs;
        values = new double[count];
        gradients = new double[count];
        firstMoments = new double[count];
        secondMoments = new double[count];
        double bound = 1 / Math.Sqrt(inputs);
        double Draw(int position) => bound * ((2 * random.Uniform((ulong)position)) - 1);
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
                values[(i * outputs) + o] = Draw((o * inputs) + i);
            values[(inputs * outputs) + o] = Draw((inputs * outputs) + o);
        }
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Row i holds the weights of input i, [Inputs, Outputs].</summary>
    public ReadOnlySpan<double> Weights => values.AsSpan(0, Inputs * Outputs);

    /// <summary>[Outputs].</summary>
    public ReadOnlySpan<double> Bias => values.AsSpan(Inputs * Outputs);

    /// <summary>Every weight and bias, for tests.</summary>
    internal Span<double> Values => values;

    internal ReadOnlySpan<double> Gradients => gradients;

    /// <summary>y [Outputs] = W' x + b, for x [Inputs].</summary>
    public void Forward(ReadOnlySpan<double> x, Span<double> y)
    {
        Bias.CopyTo(y);
        AddProduct(x, y);
    }

    /// <summary>y [Outputs] += W' x, for x of the first inputs alone where it is shorter than Inputs.</summary>
    public void AddProduct(ReadOnlySpan<double> x, Span<double> y)
    {
        ref double weights = ref MemoryMarshal.GetArrayDataReference(values);
        ref double result = ref MemoryMarshal.GetReference(y);
        int o = 0;
        for (; o + 32 <= Outputs; o += 32)
            AddProduct32(x, ref weights, ref result, o);
        for (; o + 8 <= Outputs; o += 8)
        {
            var sum = Vector512.LoadUnsafe(ref result, (nuint)o);
            for (int i = 0; i < x.Length; i++)
                sum = MultiplyAdd(Vector512.Create(x[i]), ref weights, (i * Outputs) + o, sum);
            sum.StoreUnsafe(ref result, (nuint)o);
        }

        for (; o < Outputs; o++)
        {
            for (int i = 0; i < x.Length; i++)
                y[o] += values[(i * Outputs) + o] * x[i];
        }
    }

    /// <summary>dW += x dy', db += dy, and dx += W dy (dx may be empty where nobody needs it).</summary>
    public void Backward(ReadOnlySpan<double> x, ReadOnlySpan<double> dy, Span<double> dx)
    {
        var biasGradients = gradients.AsSpan(Inputs * Outputs);
        TensorPrimitives.Add(biasGradients, dy, biasGradients);
        for (int i = 0; i < Inputs; i++)
        {
            AddScaled(x[i], dy, gradients.AsSpan(i * Outputs, Outputs));
            if (!dx.IsEmpty)
                dx[i] += Dot(values.AsSpan(i * Outputs, Outputs), dy);
        }
    }

    /// <summary>One step of Adam, counted from 1; clears the gradients.</summary>
    public void Adam(int step, double rate)
    {
        const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        for (int i = 0; i < values.Length; i++)
        {
            double gradient = gradients[i];
            firstMoments[i] += (1 - beta1) * (gradient - firstMoments[i]);
            secondMoments[i] += (1 - beta2) * ((gradient * gradient) - secondMoments[i]);
            values[i] -= rate * (firstMoments[i] / correction1) / (Math.Sqrt(secondMoments[i] / correction2) + epsilon);
            gradients[i] = 0;
        }
    }

    /// <summary>y += scale x, of equal lengths.</summary>
    public static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        ref double source = ref MemoryMarshal.GetReference(x);
        ref double target = ref MemoryMarshal.GetReference(y);
        var scales = Vector512.Create(scale);
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
            MultiplyAdd(scales, ref source, i, Vector512.LoadUnsafe(ref target, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        for (; i < x.Length; i++)
            y[i] += scale * x[i];
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ref double left = ref MemoryMarshal.GetReference(a);
        ref double right = ref MemoryMarshal.GetReference(b);
        var sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= a.Length; i += 8)
            sums = MultiplyAdd(Vector512.LoadUnsafe(ref left, (nuint)i), ref right, i, sums);
        double sum = Vector512.Sum(sums);
        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Four registers of outputs at once, so that four sums are under way while one waits for its last addition.</summary>
    private void AddProduct32(ReadOnlySpan<double> x, ref double weights, ref double result, int o)
    {
        var sum0 = Vector512.LoadUnsafe(ref result, (nuint)o);
        var sum1 = Vector512.LoadUnsafe(ref result, (nuint)o + 8);
        var sum2 = Vector512.LoadUnsafe(ref result, (nuint)o + 16);
        var sum3 = Vector512.LoadUnsafe(ref result, (nuint)o + 24);
        for (int i = 0; i < x.Length; i++)
        {
            var input = Vector512.Create(x[i]);
            int at = (i * Outputs) + o;
            sum0 = MultiplyAdd(input, ref weights, at, sum0);
            sum1 = MultiplyAdd(input, ref weights, at + 8, sum1);
            sum2 = MultiplyAdd(input, ref weights, at + 16, sum2);
            sum3 = MultiplyAdd(input, ref weights, at + 24, sum3);
        }

        sum0.StoreUnsafe(ref result, (nuint)o);
        sum1.StoreUnsafe(ref result, (nuint)o + 8);
        sum2.StoreUnsafe(ref result, (nuint)o + 16);
        sum3.StoreUnsafe(ref result, (nuint)o + 24);
    }

    private static Vector512<double> MultiplyAdd(Vector512<double> a, ref double b, int at, Vector512<double> sum) =>
        Vector512.MultiplyAddEstimate(a, Vector512.LoadUnsafe(ref b, (nuint)at), sum);
}
