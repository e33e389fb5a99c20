using System.Numerics;
using System.Runtime.CompilerServices;
using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>
/// A pseudo-random permutation of [0, count) that needs no memory: a Feistel network over the next power of two, whose
/// round keys come from Philox. Results outside the range go through the network again (cycle walking: Black and
/// Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002), fewer than twice on average.
/// </summary>
internal readonly struct FeistelPermutation
{
    private readonly uint count;
    private readonly int rightBits;
    private readonly uint leftMask;
    private readonly uint rightMask;
    private readonly (uint A, uint B, uint C, uint D) first;
    private readonly (uint A, uint B, uint C, uint D) second;

    public FeistelPermutation(int count, Philox random)
    {
        this.count = (uint)count;
        int bits = Math.Max(2, 32 - BitOperations.LeadingZeroCount((uint)Math.Max(count, 1) - 1));
        rightBits = bits / 2;
        rightMask = (1u << rightBits) - 1;
        leftMask = (1u << (bits - rightBits)) - 1;
        first = random.Block(0);
        second = random.Block(1);
    }

    /// <summary>Where <paramref name="position"/> in [0, count) goes.</summary>
    public int this[int position]
    {
        get
        {
            uint value = (uint)position;
            do
                value = Permute(value);
            while (value >= count);
            return (int)value;
        }
    }

    /// <summary>Eight rounds; each changes one half by a function of the other, so each can be undone.</summary>
    private uint Permute(uint value)
    {
        uint left = value >> rightBits;
        uint right = value & rightMask;
        left ^= Mix(right ^ first.A) & leftMask;
        right ^= Mix(left ^ first.B) & rightMask;
        left ^= Mix(right ^ first.C) & leftMask;
        right ^= Mix(left ^ first.D) & rightMask;
        left ^= Mix(right ^ second.A) & leftMask;
        right ^= Mix(left ^ second.B) & rightMask;
        left ^= Mix(right ^ second.C) & leftMask;
        right ^= Mix(left ^ second.D) & rightMask;
        return (left << rightBits) | right;
    }

    /// <summary>MurmurHash3's 32-bit finaliser.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint value)
    {
        value ^= value >> 16;
        value *= 0x85EBCA6B;
        value ^= value >> 13;
        value *= 0xC2B2AE35;
        return value ^ (value >> 16);
    }
}
