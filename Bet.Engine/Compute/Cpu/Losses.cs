using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Losses with their gradients in the same pass: sums in float64, chunk by chunk, in order.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// With x_i = u_i . (p_i - n_i), the loss is mean softplus(-x_i) and its derivative by x_i is
    /// g_i = -sigmoid(-x_i) / b; du = g (p - n), dp = g u, dn = -g u.
    /// </summary>
    public override double BprLoss(
        float scale, Tensor users, Tensor positives, Tensor negatives, Tensor du, Tensor dp, Tensor dn)
    {
        Check(
            SameShape(users, positives) && SameShape(users, negatives) && SameShape(users, du) &&
            SameShape(users, dp) && SameShape(users, dn),
            $"BprLoss: users {users}, positives {positives}, negatives {negatives}, du {du}, dp {dp}, dn {dn}");
        double factor = (double)scale / Math.Max(1, users.Rows);
        int chunks = ChunksOf(users.Rows, RowsPerChunk(users.Columns));
        double sum = Reduce(chunks, (factor, users, positives, negatives, du, dp, dn), static (in work, chunk) =>
        {
            var (factor, users, positives, negatives, du, dp, dn) = work;
            int width = users.Columns, chunkRows = RowsPerChunk(width), start = chunk * chunkRows;
            double partial = 0;
            for (int row = start; row < Math.Min(users.Rows, start + chunkRows); row++)
            {
                long at = (long)row * width;
                partial += BprRow(
                    factor, users.Pointer + at, positives.Pointer + at, negatives.Pointer + at,
                    du.Pointer + at, dp.Pointer + at, dn.Pointer + at, width);
            }

            return partial;
        });
        return sum * factor;
    }

    /// <summary>With sigmoid(z) the derivative of softplus(z), that of the loss is (sigmoid(z) - y) / b.</summary>
    public override double LogisticLoss(float scale, Tensor scores, Tensor labels, Tensor dScores)
    {
        Check(
            scores.Columns == 1 && SameShape(scores, labels) && SameShape(scores, dScores),
            $"LogisticLoss: scores {scores}, labels {labels}, dScores {dScores}");
        double factor = (double)scale / Math.Max(1, scores.Rows);
        double sum = Reduce(ChunksOf(scores.Rows, RowsPerChunk(1)), (factor, scores, labels, dScores), static (in work, chunk) =>
        {
            var (factor, scores, labels, dScores) = work;
            int start = chunk * RowsPerChunk(1);
            double partial = 0;
            for (int row = start; row < Math.Min(scores.Rows, start + RowsPerChunk(1)); row++)
            {
                double z = scores.Pointer[row], label = labels.Pointer[row];

                // As of a row of BprLoss: softplus and sigmoid from the same e^-|z|, no overflow either way.
                double decay = Math.Exp(-Math.Abs(z));
                double sigmoid = (z > 0 ? 1 : decay) / (1 + decay);
                dScores.Pointer[row] = (float)(factor * (sigmoid - label));
                partial += Math.Max(z, 0) - (label * z) + Math.Log(1 + decay);
            }

            return partial;
        });
        return sum * factor;
    }

    /// <summary>The sum of what the chunks return, in their order.</summary>
    private double Reduce<TState>(int chunks, in TState state, PartialSum<TState> body)
    {
        using var partials = scratchPool.Rent((long)chunks * sizeof(double));
        workers.For(chunks, (state, body, partials), static (in work, chunk) =>
            work.partials.Doubles[chunk] = work.body(work.state, chunk));
        double sum = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
            sum += partials.Doubles[chunk];
        return sum;
    }

    /// <summary>One row: returns softplus(-x), writes the three gradients times factor.</summary>
    private static double BprRow(
        double factor, float* u, float* p, float* n, float* du, float* dp, float* dn, int width)
    {
        double x = DifferenceDot(u, p, n, width);

        // softplus(-x) = max(-x, 0) + log(1 + e^-|x|) and sigmoid(-x) from the same e^-|x|: no overflow either way.
        double decay = Math.Exp(-Math.Abs(x));
        double sigmoid = (x > 0 ? decay : 1) / (1 + decay);
        BprGradient((float)(-factor * sigmoid), u, p, n, du, dp, dn, width);
        return Math.Max(-x, 0) + Math.Log(1 + decay);
    }

    /// <summary>u . (p - n)</summary>
    private static float DifferenceDot(float* u, float* p, float* n, int width)
    {
        int done = 0;
        float sum = 0;
        if (Vector512.IsHardwareAccelerated)
            sum = DifferenceDotVectors<Simd512, Vector512<float>>(u, p, n, width, ref done);
        else if (Vector256.IsHardwareAccelerated)
            sum = DifferenceDotVectors<Simd256, Vector256<float>>(u, p, n, width, ref done);
        else if (Vector128.IsHardwareAccelerated)
            sum = DifferenceDotVectors<Simd128, Vector128<float>>(u, p, n, width, ref done);
        return sum + DifferenceDotVectors<SimdScalar, float>(u, p, n, width, ref done);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float DifferenceDotVectors<TSimd, TVector>(float* u, float* p, float* n, int width, ref int done)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var sum = TSimd.Create(0);
        int i = done;
        for (; i <= width - TSimd.Count; i += TSimd.Count)
            sum = TSimd.MultiplyAdd(TSimd.Load(u + i), TSimd.Subtract(TSimd.Load(p + i), TSimd.Load(n + i)), sum);
        done = i;
        return TSimd.Sum(sum);
    }

    private static void BprGradient(
        float gradient, float* u, float* p, float* n, float* du, float* dp, float* dn, int width)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = BprGradientVectors<Simd512, Vector512<float>>(gradient, u, p, n, du, dp, dn, done, width);
        else if (Vector256.IsHardwareAccelerated)
            done = BprGradientVectors<Simd256, Vector256<float>>(gradient, u, p, n, du, dp, dn, done, width);
        else if (Vector128.IsHardwareAccelerated)
            done = BprGradientVectors<Simd128, Vector128<float>>(gradient, u, p, n, du, dp, dn, done, width);
        BprGradientVectors<SimdScalar, float>(gradient, u, p, n, du, dp, dn, done, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int BprGradientVectors<TSimd, TVector>(
        float gradient, float* u, float* p, float* n, float* du, float* dp, float* dn, int start, int width)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var up = TSimd.Create(gradient);
        var down = TSimd.Create(-gradient);
        int i = start;
        for (; i <= width - TSimd.Count; i += TSimd.Count)
        {
            var user = TSimd.Load(u + i);
            TSimd.Store(TSimd.Multiply(up, TSimd.Subtract(TSimd.Load(p + i), TSimd.Load(n + i))), du + i);
            TSimd.Store(TSimd.Multiply(up, user), dp + i);
            TSimd.Store(TSimd.Multiply(down, user), dn + i);
        }

        return i;
    }

    private delegate double PartialSum<TState>(in TState state, int chunk);
}
