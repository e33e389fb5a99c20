using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Dropout by 16-bit numbers of the stream, eight to a block of 128 bits. Number i is in group g = i / 64, made of the
/// eight positions from 8 g on: first the lower halves of their words A, then the upper halves, then B, C and D
/// likewise, so that vectors of eight blocks give the numbers in order. A value is dropped where its number is below
/// 65536 times the rate.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Numbers of a group; divides <see cref="ChunkLength"/>.</summary>
    private const int DropoutGroup = 64;

    public override void Dropout(Philox random, float rate, Tensor x, float beta, Tensor y)
    {
        Check(SameShape(x, y), $"Dropout: x is {x}, y is {y}");
        if (rate == 0)
        {
            Axpby(1, x, beta, y);
            return;
        }

        var drop = new DropRule("Dropout", random, rate);
        ForValues(y.Length, (drop, x, beta, y), static (in work, start, count) =>
        {
            var (drop, x, beta, y) = work;
            float* kept = stackalloc float[DropoutGroup];
            for (int i = 0; i < count; i += DropoutGroup)
            {
                long at = start + i;
                drop.Tests((ulong)at / DropoutGroup, kept);
                ScaleKept(kept, drop.Scale, x.Pointer + at, beta, y.Pointer + at, Math.Min(DropoutGroup, count - i));
            }
        });
    }

    public override void DropRows(Philox random, float rate, Tensor x, float beta, Tensor y)
    {
        Check(SameShape(x, y), $"DropRows: x is {x}, y is {y}");
        if (rate == 0)
        {
            Axpby(1, x, beta, y);
            return;
        }

        var drop = new DropRule("DropRows", random, rate);
        ForRows(x.Rows, x.Columns, (drop, x, beta, y), static (in work, start, end) =>
        {
            var (drop, x, beta, y) = work;
            float* kept = stackalloc float[DropoutGroup];
            for (int row = start; row < end; row++)
            {
                int lane = row % DropoutGroup;
                if (lane == 0 || row == start)
                    drop.Tests((ulong)(row / DropoutGroup), kept);
                if (kept[lane] > 0)
                    AddScaled(drop.Scale, Row(x, row), beta, Row(y, row));
                else
                    Scale(beta, Row(y, row));
            }
        });
    }

    /// <summary>y = (scale x where the test is positive, else 0) + beta y.</summary>
    private static void ScaleKept(float* tests, float scale, float* x, float beta, float* y, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = ScaleKeptVectors<Simd512, Vector512<float>>(tests, scale, x, beta, y, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = ScaleKeptVectors<Simd256, Vector256<float>>(tests, scale, x, beta, y, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = ScaleKeptVectors<Simd128, Vector128<float>>(tests, scale, x, beta, y, done, count);
        ScaleKeptVectors<SimdScalar, float>(tests, scale, x, beta, y, done, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ScaleKeptVectors<TSimd, TVector>(
        float* tests, float scale, float* x, float beta, float* y, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var scales = TSimd.Create(scale);
        var betas = TSimd.Create(beta);
        var zero = TSimd.Create(0);
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var result = TSimd.Select(TSimd.Load(tests + i), TSimd.Multiply(scales, TSimd.Load(x + i)), zero);
            if (beta != 0)
                result = TSimd.MultiplyAdd(betas, TSimd.Load(y + i), result);
            TSimd.Store(result, y + i);
        }

        return i;
    }

    /// <summary>What is dropped: the rate in 65536ths, and what those kept are multiplied by.</summary>
    private readonly struct DropRule
    {
        private readonly Philox random;
        private readonly int threshold;

        public DropRule(string operation, Philox random, float rate)
        {
            Check(rate is >= 0 and < 1, $"{operation}: the rate is {rate}, outside [0, 1)");
            this.random = random;
            threshold = Math.Min((int)MathF.Round(rate * 65536), 65535);
            Scale = 65536f / (65536 - threshold);
        }

        public float Scale { get; }

        /// <summary>64 numbers, each positive where the value of the group at its place is kept.</summary>
        public void Tests(ulong group, float* tests)
        {
            if (!Vector256.IsHardwareAccelerated)
            {
                ScalarTests(group, tests);
                return;
            }

            var (a, b, c, d) = random.EightBlocks(group * 8);
            Store(a, tests);
            Store(b, tests + 16);
            Store(c, tests + 32);
            Store(d, tests + 48);
        }

        /// <summary>The lower halves of eight words, then the upper ones, minus the threshold.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store(Vector256<uint> words, float* tests)
        {
            // Half above the threshold's step, so that a number equal to it is kept.
            var offset = Vector256.Create(0.5f - threshold);
            var lower = (words & Vector256.Create(0xFFFFu)).AsInt32();
            var upper = (words >> 16).AsInt32();
            (Vector256.ConvertToSingle(lower) + offset).Store(tests);
            (Vector256.ConvertToSingle(upper) + offset).Store(tests + 8);
        }

        private void ScalarTests(ulong group, float* tests)
        {
            uint* words = stackalloc uint[4];
            for (int lane = 0; lane < 8; lane++)
            {
                (words[0], words[1], words[2], words[3]) = random.Block((group * 8) + (uint)lane);
                for (int word = 0; word < 4; word++)
                {
                    tests[(16 * word) + lane] = (words[word] & 0xFFFF) + 0.5f - threshold;
                    tests[(16 * word) + 8 + lane] = (words[word] >> 16) + 0.5f - threshold;
                }
            }
        }
    }

    /// <summary>y = beta y. A beta of 0 never reads y.</summary>
    private static void Scale(float beta, Span<float> y)
    {
        if (beta == 0)
            y.Clear();
        else if (beta != 1)
            TensorPrimitives.Multiply(y, beta, y);
    }
}
