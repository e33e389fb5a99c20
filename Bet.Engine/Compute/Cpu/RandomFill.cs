namespace Bet.Engine.Compute.Cpu;

/// <summary>Tensors of random numbers. A value depends on the stream and its own position alone.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Element i is the first (i even) or second (i odd) normal number of position i / 2, so a block of the stream
    /// gives two values.
    /// </summary>
    public override void FillNormal(Philox random, float standardDeviation, Tensor destination) =>
        ForValues(destination.Length, (random, standardDeviation, destination), static (in work, start, count) =>
        {
            var (random, standardDeviation, destination) = work;
            float* values = destination.Pointer + start;
            for (int i = 0; i < count; i += 2)
            {
                var (first, second) = random.Normals((ulong)(start + i) / 2);
                values[i] = (float)(standardDeviation * first);
                if (i + 1 < count)
                    values[i + 1] = (float)(standardDeviation * second);
            }
        });

    /// <summary>Element i from position i of the stream.</summary>
    public override void FillUniform(Philox random, float low, float high, Tensor destination)
    {
        Check(low < high, $"FillUniform: [{low}, {high}) is empty");
        double width = (double)high - low;

        // Rounding to float32 may reach the upper end, which is excluded.
        float largest = MathF.BitDecrement(high);
        ForValues(destination.Length, (random, low, width, largest, destination), static (in work, start, count) =>
        {
            var (random, low, width, largest, destination) = work;
            float* values = destination.Pointer + start;
            for (int i = 0; i < count; i++)
                values[i] = MathF.Min((float)(low + (width * random.Uniform((ulong)(start + i)))), largest);
        });
    }
}
