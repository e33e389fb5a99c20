using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Copies in bfloat16: the upper half of a float32, rounded to nearest, ties to even.</summary>
public sealed unsafe partial class CpuBackend
{
    private void Round(Tensor x, StoredRows rounded) => ForValues(
        x.Length, (x, rounded),
        static (in work, start, count) => RoundRange(work.x.Pointer + start, (ushort*)work.rounded.Address + start, count));

    private static void RoundRange(float* source, ushort* destination, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = RoundVectors<Simd512, Vector512<float>>(source, destination, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = RoundVectors<Simd256, Vector256<float>>(source, destination, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = RoundVectors<Simd128, Vector128<float>>(source, destination, done, count);
        RoundVectors<SimdScalar, float>(source, destination, done, count);
    }

    private static int RoundVectors<TSimd, TVector>(float* source, ushort* destination, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.StoreBFloat16(TSimd.Load(source + i), destination + i);
        return i;
    }
}
