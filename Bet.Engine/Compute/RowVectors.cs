using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute;

/// <summary>
/// A row by vectors: the whole ones, and what is left. Sums begin with what is left, as it is read by a call, across which no
/// vector stays in a register.
/// </summary>
internal static class RowVectors
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<float> row, int at) =>
        Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(row), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, Span<float> row, int at) =>
        values.StoreUnsafe(ref MemoryMarshal.GetReference(row), (nuint)at);

    /// <summary>What is left after the whole vectors, zeros after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadEnd(ReadOnlySpan<float> row)
    {
        int left = row.Length % Vector512<float>.Count;
        return left == 0 ? Vector512<float>.Zero : LoadFew(row[^left..]);
    }

    /// <summary>To the places that <see cref="LoadEnd"/> reads.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StoreEnd(Vector512<float> values, Span<float> row)
    {
        var end = row[^(row.Length % Vector512<float>.Count)..];
        StoreQuarter(values.GetLower().GetLower(), end, 0);
        StoreQuarter(values.GetLower().GetUpper(), end, 4);
        StoreQuarter(values.GetUpper().GetLower(), end, 8);
        StoreQuarter(values.GetUpper().GetUpper(), end, 12);
    }

    /// <summary>In the same order on every processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> values)
    {
        var half = values.GetLower() + values.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        quarter += Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1));
        return quarter[0] + quarter[1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadFew(ReadOnlySpan<float> few) => Vector512.Create(
        Vector256.Create(LoadQuarter(few, 0), LoadQuarter(few, 4)), Vector256.Create(LoadQuarter(few, 8), LoadQuarter(few, 12)));

    private static Vector128<float> LoadQuarter(ReadOnlySpan<float> few, int at) => (few.Length - at) switch
    {
        >= 4 => Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(few), (nuint)at),
        3 => Vector128.Create(few[at], few[at + 1], few[at + 2], 0),
        2 => Vector128.Create(few[at], few[at + 1], 0, 0),
        1 => Vector128.CreateScalar(few[at]),
        _ => Vector128<float>.Zero,
    };

    private static void StoreQuarter(Vector128<float> values, Span<float> few, int at)
    {
        if (few.Length >= at + 4)
        {
            values.StoreUnsafe(ref MemoryMarshal.GetReference(few), (nuint)at);
            return;
        }

        for (int i = at; i < few.Length; i++)
            few[i] = values[i - at];
    }
}
