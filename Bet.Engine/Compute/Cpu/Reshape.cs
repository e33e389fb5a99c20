namespace Bet.Engine.Compute.Cpu;

/// <summary>The same values as other rows and columns.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void Reshape(Tensor x, float beta, Tensor y)
    {
        Check(x.Length == y.Length, $"Reshape: x is {x}, y is {y}");
        ForValues(y.Length, (x, beta, y), static (in (Tensor X, float Beta, Tensor Y) s, long start, int count) => AddScaled(
            1, new ReadOnlySpan<float>(s.X.Pointer + start, count), s.Beta,
            new Span<float>(s.Y.Pointer + start, count)));
    }
}
