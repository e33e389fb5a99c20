using System.Runtime.CompilerServices;

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
}
