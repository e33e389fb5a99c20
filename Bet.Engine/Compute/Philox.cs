using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Bet.Engine.Compute;

/// <summary>What a stream of random numbers is for. Part of the key, so that no two uses share numbers.</summary>
public enum RandomPurpose : uint
{
    Initialise = 1,
    Split = 2,
    Shuffle = 3,
    NegativeSampling = 4,
    SizeSampling = 5,
    Selection = 6,
    PredictorInitialise = 7,
    PredictorUpdate = 8,
    Generate = 9,
    Dropout = 10,
    InitialiseDense = 11,
    SharedNegatives = 12,
    BetPlus = 13,
    EvenAxes = 14,
    FieldRecipe = 20,
    Test = 100,
}

/// <summary>
/// Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
/// 1, 2, 3", SC 2011). A number depends on (seed, purpose, index, position) alone: any thread can draw any part
/// of a stream, and a stopped search goes on with the numbers it would have had.
/// </summary>
public readonly struct Philox
{
    private readonly uint key0;
    private readonly uint key1;
    private readonly uint purpose;
    private readonly uint index;

    /// <param name="seed">The seed of the search.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="index">Which of the streams of that purpose (an epoch, a trial, a parameter).</param>
    public Philox(ulong seed, RandomPurpose purpose, uint index = 0)
    {
        key0 = (uint)seed;
        key1 = (uint)(seed >> 32);
        this.purpose = (uint)purpose;
        this.index = index;
    }

    /// <summary>The stream of the same purpose that lies so many further on.</summary>
    public Philox Further(uint streams) =>
        new(((ulong)key1 << 32) | key0, (RandomPurpose)purpose, index + streams);

    /// <summary>The four 32-bit words at <paramref name="position"/> of this stream.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (uint A, uint B, uint C, uint D) Block(ulong position)
    {
        uint c0 = (uint)position, c1 = (uint)(position >> 32), c2 = purpose, c3 = index;
        uint k0 = key0, k1 = key1;
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0;
            ulong p1 = 0xCD9E8D57UL * c2;
            c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint)p1;
            c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint)p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>The words of the eight positions from <paramref name="position"/>, a multiple of 8, on; one to a lane.</summary>
    internal (Vector256<uint> A, Vector256<uint> B, Vector256<uint> C, Vector256<uint> D) EightBlocks(ulong position)
    {
        // Words lie in the lower halves of the lanes of 64 bits; what is in the upper halves does not matter.
        var c0 = Vector512.Create((ulong)(uint)position) | Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        var c1 = Vector512.Create(position >> 32);
        var c2 = Vector512.Create((ulong)purpose);
        var c3 = Vector512.Create((ulong)index);
        uint k0 = key0, k1 = key1;
        for (int round = 0; round < 10; round++)
        {
            var p0 = MultiplyLowerHalves(c0, 0xD2511F53);
            var p1 = MultiplyLowerHalves(c2, 0xCD9E8D57);
            c0 = (p1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0);
            c1 = p1;
            c2 = (p0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1);
            c3 = p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (LowerHalves(c0), LowerHalves(c1), LowerHalves(c2), LowerHalves(c3));
    }

    /// <summary>A double uniform in [0, 1) with 53 random bits, at <paramref name="position"/>.</summary>
    public double Uniform(ulong position)
    {
        var (a, b, _, _) = Block(position);
        return ToUnit(a, b);
    }

    /// <summary>An integer uniform in [0, bound) at <paramref name="position"/>; bound is positive.</summary>
    public int Below(ulong position, int bound)
    {
        var (a, b, _, _) = Block(position);
        ulong word = ((ulong)a << 32) | b;
        return (int)Math.BigMul(word, (ulong)bound, out _);
    }

    /// <summary>Two independent standard normal doubles at <paramref name="position"/> (Box-Muller).</summary>
    public (double First, double Second) Normals(ulong position)
    {
        var (a, b, c, d) = Block(position);
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - ToUnit(a, b)));
        double angle = 2.0 * Math.PI * ToUnit(c, d);
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }

    private static double ToUnit(uint high, uint low) =>
        ((((ulong)high << 32) | low) >> 11) * (1.0 / (1UL << 53));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLowerHalves(Vector512<ulong> words, uint factor)
    {
        var factors = Vector512.Create((ulong)factor);
        if (Avx512F.IsSupported)
            return Avx512F.Multiply(words.AsUInt32(), factors.AsUInt32());
        if (!Avx2.IsSupported)
            return (words & Vector512.Create((ulong)uint.MaxValue)) * factors;
        return Vector512.Create(
            Avx2.Multiply(words.GetLower().AsUInt32(), factors.GetLower().AsUInt32()),
            Avx2.Multiply(words.GetUpper().AsUInt32(), factors.GetUpper().AsUInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> LowerHalves(Vector512<ulong> words) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt32(words)
            : Vector256.Narrow(
                words.GetLower() & Vector256.Create((ulong)uint.MaxValue),
                words.GetUpper() & Vector256.Create((ulong)uint.MaxValue));
}
