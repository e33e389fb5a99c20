using Bet.Engine.Fields;

namespace Bet.Tests.Fields;

public class PartitionsTests
{
    public static TheoryData<string> Families => [.. All.Keys];

    /// <summary>A family by name, of n categories and a number from 1 to n that it may go by.</summary>
    private static readonly Dictionary<string, Func<long, long, IReadOnlyList<Partition>>> All = new()
    {
        ["full"] = (n, _) => Partitions.Full(n),
        ["quotient-remainder"] = Partitions.QuotientRemainder,
        ["three digits"] = (n, _) => Partitions.MixedRadix(n, 3),
        ["a digit, then three"] = (n, cells) => Partitions.MixedRadix(n, cells, 4),
        ["two remainders"] = (n, _) => Partitions.ChineseRemainder(n, 2),
        ["a remainder, then one"] = (n, cells) => Partitions.ChineseRemainder(n, cells, 2),
        ["a remainder, then two"] = (n, cells) => Partitions.ChineseRemainder(n, cells, 3),
        ["five remainders"] = (n, _) => Partitions.ChineseRemainder(n, 5),
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_two_categories_differ_for_all_n_up_to_5000(string family)
    {
        for (int n = 1; n <= 5000; n++)
        {
            var partitions = All[family](n, 1 + (n * 7919L % 97 * n / 100));
            Assert.True(DifferByEnumeration(partitions, n), $"{n}: {string.Join(", ", partitions)}");
            Assert.True(Partitions.AreComplementary(partitions, n), $"{n}: {string.Join(", ", partitions)}");
        }
    }

    /// <summary>Of n up to 10^12: pairs, many of which agree in all remainders but one by construction, fall into different cells.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Every_two_categories_differ_for_large_n(string family)
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            long n = random.NextInt64(1, (long)Math.Pow(10, random.Next(4, 13)) + 1);
            var partitions = All[family](n, random.NextInt64(1, n + 1));
            Assert.True(Partitions.AreComplementary(partitions, n));
            for (int pair = 0; pair < 50; pair++)
            {
                long x = random.NextInt64(n);
                var stride = partitions[random.Next(partitions.Count)];
                long y = (x + (random.NextInt64(1, 20) * stride.Cells * (random.Next(2) == 0 ? 1 : stride.Divisor))) % n;
                Assert.Equal(x == y, partitions.All(partition => partition.CellOf(x) == partition.CellOf(y)));
            }
        }
    }

    [Fact]
    public void The_decision_is_that_of_enumeration()
    {
        var random = new Random(2);
        int complementary = 0, apart = 0, undecided = 0;
        for (int round = 0; round < 20_000; round++)
        {
            int n = random.Next(1, 300);
            Partition[] partitions = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new Partition(random.Next(4) == 0 ? random.Next(1, 40) : 1, random.Next(1, 25)))];
            if (random.Next(2) == 0)
            {
                // Digits, their product about n, in any order.
                long divisor = 1;
                for (int j = 0; j < partitions.Length; j++)
                {
                    partitions[j] = partitions[j] with { Divisor = divisor };
                    divisor *= partitions[j].Cells;
                }

                random.Shuffle(partitions);
            }

            bool expected = DifferByEnumeration(partitions, n);
            try
            {
                Assert.True(expected == Partitions.AreComplementary(partitions, n), $"{n}: {string.Join(", ", partitions)}");
                complementary += expected ? 1 : 0;
                apart += expected ? 0 : 1;
            }
            catch (ArgumentException)
            {
                undecided++;
            }
        }

        Assert.True(complementary > 2000 && apart > 2000 && undecided < 5000, $"{complementary}, {apart}, {undecided}");
        Assert.False(Partitions.AreComplementary(Partitions.Remainder(1_000_000_000_000, 999_999_999_999), 1_000_000_000_000));
        Assert.False(Partitions.AreComplementary([new(1, 1L << 40), new(1, 1L << 41)], (1L << 41) + 1));
        Assert.True(Partitions.AreComplementary([new(1, (1L << 40) - 1), new(1, 1L << 40), new(1, (1L << 40) + 1)], long.MaxValue));
    }

    [Fact]
    public void Numbers_without_common_divisors_have_the_least_largest()
    {
        for (int n = 1; n <= 400; n++)
        {
            for (int k = 1; k <= 3; k++)
            {
                long[] found = [.. Partitions.ChineseRemainder(n, k).Select(partition => partition.Cells)];
                Assert.Equal(LeastLargest(n, k), found.Max());
                Assert.True(found.Aggregate(1L, (product, cells) => product * cells) >= n);
            }
        }

        long[] ten = [.. Partitions.ChineseRemainder(1_000_000_000_000_000_000, 10).Select(partition => partition.Cells)];
        Assert.InRange(ten.Max(), 63, 90);
    }

    [Fact]
    public void Digits_are_small_and_equal()
    {
        Assert.Equal([new(1, 10), new(10, 10), new(100, 10)], Partitions.MixedRadix(1000, 3));
        Assert.Equal([new(1, 11), new(11, 10), new(110, 10)], Partitions.MixedRadix(1001, 3));
        Assert.Equal([new(1, 250), new(250, 2), new(500, 2)], Partitions.MixedRadix(1000, 250, 3));
        Assert.Equal([new(1, 250), new(250, 4)], Partitions.QuotientRemainder(1000, 250));
        Assert.Equal([new(1, 250)], Partitions.Remainder(1000, 250));
        Assert.Equal([new(1, 250), new(1, 7)], Partitions.ChineseRemainder(1501, 250, 2));
        Assert.Throws<ArgumentException>(() => Partitions.MixedRadix(1000, [9, 11, 10]));
        Assert.Throws<ArgumentException>(() => Partitions.QuotientRemainder(1000, 0));
    }

    private static bool DifferByEnumeration(IReadOnlyList<Partition> partitions, int n)
    {
        // The cells of a category as one number: no digit is larger than its largest in use.
        var seen = new HashSet<long>(n);
        for (long x = 0; x < n; x++)
        {
            long cells = 0;
            foreach (var partition in partitions)
                cells = (cells * Math.Min(partition.Cells, n)) + partition.CellOf(x);
            if (!seen.Add(cells))
                return false;
        }

        return true;
    }

    private static long LeastLargest(long n, int k)
    {
        for (long largest = 1; ; largest++)
        {
            if (Reaches(largest, [], 1))
                return largest;
        }

        bool Reaches(long most, long[] chosen, long product)
        {
            if (chosen.Length == k)
                return product >= n;
            for (long number = most; number >= 1; number--)
            {
                if (chosen.All(other => System.Numerics.BigInteger.GreatestCommonDivisor(other, number) == 1)
                    && Reaches(number, [.. chosen, number], product * number))
                    return true;
            }

            return false;
        }
    }
}
