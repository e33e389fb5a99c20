using System.Numerics.Tensors;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// y = W x + b of the fitness predictor, in double precision, with its gradients and Adam's moments. The predictor is so
/// small that exactness is worth more than speed here; scoring has a path of its own.
/// </summary>
internal sealed class DenseLayer
{
    private readonly double[] values;
    private readonly double[] gradients;
    private readonly double[] firstMoments;
    private readonly double[] secondMoments;

    /// <summary>Weights and biases uniform in +-1 / sqrt(inputs).</summary>
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
        for (int i = 0; i < count; i++)
            values[i] = bound * ((2 * random.Uniform((ulong)i)) - 1);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Row o holds the weights of output o, [Outputs, Inputs].</summary>
    public ReadOnlySpan<double> Weights => values.AsSpan(0, Inputs * Outputs);

    /// <summary>[Outputs].</summary>
    public ReadOnlySpan<double> Bias => values.AsSpan(Inputs * Outputs);

    /// <summary>Every weight and bias, for tests.</summary>
    internal Span<double> Values => values;

    internal ReadOnlySpan<double> Gradients => gradients;

    public void Forward(ReadOnlySpan<double> x, Span<double> y)
    {
        for (int o = 0; o < Outputs; o++)
            y[o] = Bias[o] + TensorPrimitives.Dot(Weights.Slice(o * Inputs, Inputs), x);
    }

    /// <summary>dW += dy x', db += dy, and dx += W' dy (dx may be empty where nobody needs it).</summary>
    public void Backward(ReadOnlySpan<double> x, ReadOnlySpan<double> dy, Span<double> dx)
    {
        for (int o = 0; o < Outputs; o++)
        {
            gradients[(Inputs * Outputs) + o] += dy[o];
            for (int i = 0; i < Inputs; i++)
            {
                gradients[(o * Inputs) + i] += dy[o] * x[i];
                if (!dx.IsEmpty)
                    dx[i] += dy[o] * values[(o * Inputs) + i];
            }
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

    public void ClearGradients() => Array.Clear(gradients);
}
