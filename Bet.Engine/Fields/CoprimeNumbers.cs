namespace Bet.Engine.Fields;

/// <summary>Numbers without common divisors, for <see cref="Partitions.ChineseRemainder(long, int)"/>.</summary>
internal static class CoprimeNumbers
{
    /// <summary>
    /// k numbers in falling order, pairwise coprime and coprime to a given one, whose product is at least n: the largest is the
    /// least that can be, then each of the others, from the last on, as small as the rest allow.
    /// </summary>
    public static long[] Find(long n, int k, long given)
    {
        if (k == 0 && n == 1)
            return [];
        var found = new long[k];
        for (long largest = Partitions.CeilingRoot(n, k); ; largest++)
        {
            found[0] = largest;
            if (CommonDivisor(largest, given) == 1 && Choose(found, 1, n, given))
                break;
        }

        for (int i = k - 1; i > 0; i--)
            Lower(found, i, n, given);
        Array.Sort(found, (x, y) => y.CompareTo(x));
        return found;
    }

    /// <summary>The greatest number that divides both.</summary>
    public static long CommonDivisor(long x, long y)
    {
        while (y != 0)
            (x, y) = (y, x % y);
        return x;
    }

    /// <summary>Sets the numbers from a place on, each below the one before it; false where none do.</summary>
    private static bool Choose(long[] found, int place, long n, long given)
    {
        var product = UInt128.One;
        foreach (long number in found.AsSpan(0, place))
            product = Times(product, number, n);
        if (place == found.Length)
            return product >= (UInt128)n;
        long most = Math.Max(1, found[place - 1] - 1);
        for (long number = most; number >= 1 && Partitions.Reaches(product, number, found.Length - place, n); number--)
        {
            found[place] = number;
            if (Fits(found.AsSpan(0, place), number, given) && Choose(found, place + 1, n, given))
                return true;
        }

        return false;
    }

    /// <summary>Makes the number at a place the least that the others allow.</summary>
    private static void Lower(long[] found, int place, long n, long given)
    {
        var others = UInt128.One;
        for (int i = 0; i < found.Length; i++)
            others = i == place ? others : Times(others, found[i], n);
        long[] rest = [.. found.Where((_, i) => i != place)];
        long least = (long)((((UInt128)n - 1) / others) + 1);
        for (long number = least; number < found[place]; number++)
        {
            if (Fits(rest, number, given))
            {
                found[place] = number;
                return;
            }
        }
    }

    private static UInt128 Times(UInt128 product, long number, long n) =>
        product < (UInt128)n ? product * (UInt128)number : product;

    private static bool Fits(ReadOnlySpan<long> chosen, long number, long given)
    {
        if (CommonDivisor(number, given) != 1)
            return false;
        foreach (long other in chosen)
        {
            if (CommonDivisor(number, other) != 1)
                return false;
        }

        return true;
    }
}
