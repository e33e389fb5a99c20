using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>A network of one hidden layer for each row; hidden values are never stored, the gradient finds them again.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void PathMlp(Tensor x, Tensor weights, Tensor y)
    {
        Check(IsPathMlp(x, weights, y), $"PathMlp: x is {x}, weights are {weights}, y is {y}");
        ForRows(x.Rows, weights.Columns, (x, weights, y), static (in work, start, end) =>
        {
            var (x, weights, y) = work;
            for (int row = start; row < end; row++)
            {
                Span<float> input = Row(x, row), output = Row(y, row);
                var layers = new Layers(Row(weights, row), input.Length);
                layers.Bias.CopyTo(output);
                for (int j = 0; j < layers.Hidden; j++)
                {
                    float hidden = TensorPrimitives.Dot<float>(layers.Into(j), input) + layers.HiddenBias[j];
                    if (hidden > 0)
                        TensorPrimitives.MultiplyAddEstimate(layers.From(j), hidden, output, output);
                }
            }
        });
    }

    /// <summary>
    /// With hidden values h_j = relu(s_j), s_j = V_j . x + a_j: db = dy, dW_j = h_j dy; g_j = W_j . dy where s_j is positive, else
    /// 0; da_j = g_j, dV_j = g_j x, dx = the sum over j of g_j V_j.
    /// </summary>
    public override void PathMlpGradient(
        Tensor x, Tensor weights, Tensor dy, float betaX, Tensor dx, float betaWeights, Tensor dWeights)
    {
        Check(
            IsPathMlp(x, weights, dy) && SameShape(x, dx) && SameShape(weights, dWeights),
            $"PathMlpGradient: x is {x}, weights are {weights}, dy is {dy}, dx is {dx}, dWeights are {dWeights}");
        ForRows(x.Rows, 2 * weights.Columns, (x, weights, dy, betaX, dx, betaWeights, dWeights), static (in work, start, end) =>
        {
            var (x, weights, dy, betaX, dx, betaWeights, dWeights) = work;
            for (int row = start; row < end; row++)
            {
                Scale(betaX, Row(dx, row));
                Scale(betaWeights, Row(dWeights, row));
                PathMlpGradient(Row(x, row), Row(weights, row), Row(dy, row), Row(dx, row), Row(dWeights, row));
            }
        });
    }

    private static void PathMlpGradient(
        ReadOnlySpan<float> x, Span<float> weights, ReadOnlySpan<float> dy, Span<float> dx, Span<float> dWeights)
    {
        Layers layers = new(weights, x.Length), gradient = new(dWeights, x.Length);
        TensorPrimitives.Add(gradient.Bias, dy, gradient.Bias);
        for (int j = 0; j < layers.Hidden; j++)
        {
            float hidden = TensorPrimitives.Dot(layers.Into(j), x) + layers.HiddenBias[j];
            if (!(hidden > 0))
                continue;
            TensorPrimitives.MultiplyAddEstimate(dy, hidden, gradient.From(j), gradient.From(j));
            float slope = TensorPrimitives.Dot(layers.From(j), dy);
            gradient.HiddenBias[j] += slope;
            TensorPrimitives.MultiplyAddEstimate(x, slope, gradient.Into(j), gradient.Into(j));
            TensorPrimitives.MultiplyAddEstimate(layers.Into(j), slope, dx, dx);
        }
    }

    private static bool IsPathMlp(Tensor x, Tensor weights, Tensor y) =>
        SameShape(x, y) && weights.Rows == x.Rows && weights.Columns > x.Columns
        && (weights.Columns - x.Columns) % ((2L * x.Columns) + 1) == 0;

    /// <summary>The parts of a row of weights.</summary>
    private readonly ref struct Layers(Span<float> weights, int width)
    {
        private readonly Span<float> weights = weights;

        public int Hidden { get; } = (weights.Length - width) / ((2 * width) + 1);

        public Span<float> HiddenBias => weights.Slice(Hidden * width, Hidden);

        public Span<float> Bias => weights[^width..];

        /// <summary>V_j.</summary>
        public Span<float> Into(int j) => weights.Slice(j * width, width);

        /// <summary>W_j.</summary>
        public Span<float> From(int j) => weights.Slice((Hidden * (width + 1)) + (j * width), width);
    }
}
