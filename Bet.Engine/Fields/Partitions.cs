namespace Bet.Engine.Fields;

/// <summary>
/// The families of partitions of n categories (Shi, Mudigere, Naumov and Yang, KDD 2020, section 3), and whether partitions
/// are complementary: every two categories in different cells of at least one. All in whole numbers of 64 bits, products of 128.
/// The first partition of a family is the one that a field's largest table belongs to.
/// </summary>
public static class Partitions
{
    /// <summary>A cell for each category.</summary>
    public static IReadOnlyList<Partition> Full(long n) => [new(1, Positive(n))];

    /// <summary>The hashing trick, x mod cells: not complementary where there are fewer cells than categories.</summary>
    public static IReadOnlyList<Partition> Remainder(long n, long cells) => [new(1, Math.Min(Positive(n), Positive(cells)))];

    /// <summary>x mod cells and x div cells.</summary>
    public static IReadOnlyList<Partition> QuotientRemainder(long n, long cells) =>
        MixedRadix(n, [Positive(cells), CeilingOf(Positive(n), cells)]);

    /// <summary>The generalised quotient-remainder: k digits, of numbers of digits as small and equal as can be.</summary>
    public static IReadOnlyList<Partition> MixedRadix(long n, int k) => MixedRadix(n, EqualDigits(Positive(n), k));

    /// <summary>The same with a first digit of so many cells, and k - 1 equal ones for what it leaves.</summary>
    public static IReadOnlyList<Partition> MixedRadix(long n, long first, int k) =>
        MixedRadix(n, [Positive(first), .. EqualDigits(CeilingOf(Positive(n), first), k - 1)]);

    /// <summary>The digits of numbers with these radixes, the lowest first.</summary>
    /// <exception cref="ArgumentException">Their product is below n.</exception>
    public static IReadOnlyList<Partition> MixedRadix(long n, ReadOnlySpan<long> cells)
    {
        var partitions = new List<Partition>();
        var divisor = UInt128.One;
        foreach (long radix in cells)
        {
            // A digit above all categories is always 0, whatever its divisor.
            partitions.Add(new Partition((long)UInt128.Min(divisor, (UInt128)Positive(n)), Positive(radix)));
            divisor = Capped(divisor, radix, n);
        }

        return divisor >= (UInt128)Positive(n)
            ? partitions
            : throw new ArgumentException($"digits of {string.Join(", ", cells.ToArray())} tell {divisor} categories apart, there are {n}");
    }

    /// <summary>The remainders by k numbers, pairwise without a common divisor; the largest of them is the least that can be.</summary>
    public static IReadOnlyList<Partition> ChineseRemainder(long n, int k) =>
        [.. CoprimeNumbers.Find(Positive(n), k, 1).Select(cells => new Partition(1, cells))];

    /// <summary>The same with a first number given, and k - 1 equal ones for what it leaves.</summary>
    public static IReadOnlyList<Partition> ChineseRemainder(long n, long first, int k) =>
        [new(1, Positive(first)), .. CoprimeNumbers.Find(CeilingOf(Positive(n), first), k - 1, first).Select(cells => new Partition(1, cells))];

    /// <summary>
    /// Whether every two of the categories 0 .. n - 1 are in different cells of at least one partition.
    /// <para>
    /// Let the partitions seen so far tell x and y apart unless L divides x - y; at first L = 1. One of m cells whose divisor d
    /// divides L moves te cells, e = L / d, from x to x + tL, so L grows to L m / gcd(m, e). In the end 0 and L are not told
    /// apart, and they are categories where L is below n.
    /// </para>
    /// </summary>
    /// <exception cref="ArgumentException">A divisor below L does not divide it: of no family here, and not decided.</exception>
    public static bool AreComplementary(IReadOnlyList<Partition> partitions, long n)
    {
        var period = UInt128.One;
        var left = partitions.ToList();
        while (period < (UInt128)Positive(n))
        {
            int next = left.FindIndex(partition => period % (UInt128)partition.Divisor == 0);
            if (next < 0)
                break;
            var (divisor, cells) = left[next];
            long moved = (long)(period / (UInt128)divisor % (UInt128)cells);
            period = Capped(period, cells / CoprimeNumbers.CommonDivisor(cells, moved), n);
            left.RemoveAt(next);
        }

        if (period >= (UInt128)n)
            return true;
        // A divisor above L has 0 and L in one cell.
        return left.Any(partition => (UInt128)partition.Divisor < period)
            ? throw new ArgumentException($"{string.Join(", ", left)} beside partitions that repeat after {period}: of no family that can be decided")
            : false;
    }

    /// <summary>ceil(n / cells).</summary>
    internal static long CeilingOf(long n, long cells) => ((n - 1) / cells) + 1;

    /// <summary>The least r with r^k at least n.</summary>
    internal static long CeilingRoot(long n, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        long root = Math.Max(1, (long)Math.Pow(n, 1.0 / k) - 2);
        while (!Reaches(UInt128.One, root, k, n))
            root++;
        return root;
    }

    /// <summary>Whether product factor^times is at least n.</summary>
    internal static bool Reaches(UInt128 product, long factor, int times, long n)
    {
        for (int i = 0; i < times && product < (UInt128)n; i++)
            product = Capped(product, factor, n);
        return product >= (UInt128)n;
    }

    /// <summary>product factor where product is below n; else the product, which reaches n already.</summary>
    private static UInt128 Capped(UInt128 product, long factor, long n) =>
        product < (UInt128)n ? product * (UInt128)factor : product;

    private static long[] EqualDigits(long n, int k)
    {
        if (k == 0 && n == 1)
            return [];
        var digits = new long[k];
        Array.Fill(digits, CeilingRoot(n, k));
        for (int i = k - 1; i >= 0; i--)
        {
            digits[i]--;
            var product = UInt128.One;
            foreach (long digit in digits)
                product = Capped(product, digit, n);
            if (product < (UInt128)n || digits[i] == 0)
                digits[i]++;
        }

        return digits;
    }

    private static long Positive(long number) => number >= 1
        ? number
        : throw new ArgumentException($"{number} categories or cells were given, at least 1 are needed");
}
