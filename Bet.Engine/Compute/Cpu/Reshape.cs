namespace Bet.Engine.Compute.Cpu;

/// <summary>The same values as other rows and columns.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void Reshape(Tensor x, float beta, Tensor y)
    {
        Check(x.Length == y.Length, $"Reshape: x is {x}, y is {y}");
        ForValues(y.Length, (x, beta, y), static (in work, start, count) =>
        {
            var (x, beta, y) = work;
            var source = new ReadOnlySpan<float>(x.Pointer + start, count);
            AddScaled(1, source, beta, new Span<float>(y.Pointer + start, count));
        });
    }
}
