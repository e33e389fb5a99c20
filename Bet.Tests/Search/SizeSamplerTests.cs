using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class SizeSamplerTests
{
    /// <summary>10,000 actions over random populations, budgets and bounds: strict, exact, in bounds, falling.</summary>
    [Fact]
    public void Every_action_spends_its_budget_exactly_and_keeps_every_bound()
    {
        var random = new Philox(11, RandomPurpose.Test);
        var families = new HashSet<(string, string)>();
        for (int i = 0; i < 2000; i++)
        {
            ulong position = (ulong)i * 8;
            int largestSide = i % 100 == 0 ? 3000 : 120;
            int users = 1 + random.Below(position, largestSide), items = 1 + random.Below(position + 1, largestSide);
            int maximum = 1 + random.Below(position + 2, 128);
            int minimum = random.Below(position + 3, maximum + 1);
            long rows = users + items;
            long least = minimum > 0 ? rows * minimum : Math.Min(8, users) + Math.Min(8, items), full = rows * maximum;
            long asked = least + (long)(random.Uniform(position + 4) * (full - least + 10));
            var budget = MemoryBudget.From(new BudgetRequest(Parameters: asked), users, items, minimum, maximum);
            var sampler = new SizeSampler(budget, (ulong)i);
            for (int candidate = 0; candidate < 5; candidate++)
            {
                var draw = sampler.Draw(i % 50, candidate);
                families.Add((draw.UserFamily, draw.ItemFamily));
                Check(draw.Sizes, budget);
            }

            Check(sampler.Uniform(), budget);
        }

        Assert.Equal(16, families.Count);

        void Check(TableSizes sizes, MemoryBudget budget)
        {
            Assert.Equal(Math.Min(budget.Asked.Parameters!.Value, ((long)budget.Users + budget.Items) * budget.MaximumSize), sizes.Values);
            Assert.Equal(budget.Users, sizes.Users.Rows);
            Assert.Equal(budget.Items, sizes.Items.Rows);
            foreach (var side in (SideSizes[])[sizes.Users, sizes.Items])
            {
                int[] ofRows = side.ToRows();
                Assert.All(ofRows, size => Assert.InRange(size, budget.MinimumSize, budget.MaximumSize));
                for (int row = 1; row < ofRows.Length; row++)
                    Assert.True(ofRows[row] <= ofRows[row - 1]);
                Assert.Equal(side.Values, ofRows.Sum(size => (long)size) + (side.SharedRows * side.SharedSize));
                Assert.Equal(side.RowsOfSize[0] > 0, side.SharedRows > 0);
            }
        }
    }

    /// <summary>2,400 actions in every pair of precisions: strict in bytes, and not one value more would fit.</summary>
    [Fact]
    public void Every_action_spends_its_bytes_in_every_precision()
    {
        var random = new Philox(13, RandomPurpose.Test);
        for (int i = 0; i < 800; i++)
        {
            ulong position = (ulong)i * 8;
            int users = 1 + random.Below(position, 90), items = 1 + random.Below(position + 1, 90);
            int maximum = 1 + random.Below(position + 2, 64);
            int minimum = 1 + random.Below(position + 3, maximum);
            var precision = new TablePrecision((Precision)(i % 4), (Precision)(i / 4 % 4));
            long full = MemoryBudget.From(new BudgetRequest(Sparsity: 0), users, items, minimum, maximum).MaximumBytes;
            long least = Sizes(minimum).Bytes;
            long asked = least + (long)(random.Uniform(position + 4) * (full - least));
            var budget = MemoryBudget.From(new BudgetRequest(Bytes: asked), users, items, minimum, maximum);
            var sampler = new SizeSampler(budget, (ulong)i, precision);
            foreach (var sizes in (TableSizes[])[sampler.Draw(1, 0).Sizes, sampler.Draw(1, 1).Sizes, sampler.Uniform()])
            {
                Assert.Equal(precision, new TablePrecision(sizes.Users.Precision, sizes.Items.Precision));
                Assert.True(sizes.Bytes <= asked);
                bool isFull = sizes.Values == ((long)users + items) * maximum;
                Assert.True(isFull || asked - sizes.Bytes < sizeof(float), $"{asked - sizes.Bytes} bytes are left of {asked}");
            }

            TableSizes Sizes(int size) => new TableSizes(
                SideSizes.Uniform(users, size, maximum), SideSizes.Uniform(items, size, maximum)).In(precision);
        }
    }

    /// <summary>With d_min = 0 down to a value for every bucket: strict in bytes, and neither a value nor a row more would fit.</summary>
    [Fact]
    public void Where_rows_may_own_nothing_every_budget_is_spent_in_every_precision()
    {
        var random = new Philox(19, RandomPurpose.Test);
        int sharing = 0;
        for (int i = 0; i < 600; i++)
        {
            ulong position = (ulong)i * 8;
            int users = 1 + random.Below(position, 150), items = 1 + random.Below(position + 1, 90);
            int maximum = 1 + random.Below(position + 2, 64);
            var precision = new TablePrecision((Precision)(i % 6), (Precision)(i / 6 % 6));
            long full = MemoryBudget.From(new BudgetRequest(Sparsity: 0), users, items, 0, maximum).MaximumBytes;
            long least = (2 * PackedLayout.IndexBytes(maximum)) + Smallest(precision.Users, users) + Smallest(precision.Items, items);
            long asked = least + (long)(Math.Pow(random.Uniform(position + 3), 3) * (full - least));
            var budget = MemoryBudget.From(new BudgetRequest(Bytes: asked), users, items, 0, maximum);
            var sampler = new SizeSampler(budget, (ulong)i, precision);
            foreach (var sizes in (TableSizes[])[sampler.Draw(1, 0).Sizes, sampler.Draw(1, 1).Sizes, sampler.Uniform()])
            {
                sharing += sizes.Users.SharedRows > 0 ? 1 : 0;
                Assert.True(sizes.Bytes <= asked, $"{sizes.Bytes} of {asked} bytes");
                foreach (var side in (SideSizes[])[sizes.Users, sizes.Items])
                    Assert.Equal(side.RowsOfSize[0] > 0, side.SharedRows > 0);
                bool isFull = sizes.Values == ((long)users + items) * maximum;
                Assert.True(isFull || asked - sizes.Bytes < 2 * sizeof(float), $"{asked - sizes.Bytes} bytes are left of {asked}: {precision} {sizes}");
            }
        }

        Assert.True(sharing > 300, $"{sharing} share");

        static long Smallest(Precision precision, int rows) =>
            PackedLayout.ValueBytes(precision, Math.Min(8, rows), Math.Min(8, rows));
    }

    [Fact]
    public void Buckets_are_stretches_of_ranks_of_nearly_the_same_length()
    {
        var sizes = new SideSizes([21, 3, 2], Precision.Int8, SharedSize: 2);
        Assert.Equal((8, 13, 23, 2), (sizes.SharedRows, sizes.StoredRows, (int)sizes.Values, sizes.Width));
        int[] stored = [.. Enumerable.Range(0, 26).Select(sizes.StoredRowOf)];
        Assert.Equal(Enumerable.Range(0, 5), stored[..5]);
        Assert.Equal(stored[5..].Order(), stored[5..]);
        Assert.Equal(Enumerable.Range(5, 8), stored[5..].Distinct());
        Assert.All(stored[5..].GroupBy(row => row), bucket => Assert.InRange(bucket.Count(), 2, 3));
        Assert.Equal([2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2], sizes.ToStoredRows());
        Assert.Equal(-1, (sizes with { SharedSize = 0 }).StoredRowOf(5));
        Assert.Equal(3, (sizes with { RowsOfSize = [3, 1, 0] }).SharedRows);
    }

    [Fact]
    public void A_draw_depends_on_seed_trial_and_candidate_alone()
    {
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.9), 500, 300, 1, 64);
        var sampler = new SizeSampler(budget, 3);
        var one = sampler.DrawMany(4, 30, 1);
        var many = sampler.DrawMany(4, 30, 8);
        for (int i = 0; i < one.Length; i++)
        {
            Assert.Equal(one[i], many[i]);
            Assert.Equal(one[i], new SizeSampler(budget, 3).Draw(4, i));
        }

        Assert.NotEqual(one[0].Sizes, sampler.Draw(5, 0).Sizes);
        Assert.NotEqual(one[0].Sizes, new SizeSampler(budget, 4).Draw(4, 0).Sizes);
    }

    /// <summary>One scale, times every row's quantile and rounded to the nearest within the bounds, gives every size.</summary>
    [Theory]
    [InlineData(SizeFamily.PowerLaw, 2.5, 1)]
    [InlineData(SizeFamily.PowerLaw, 0.3, 0)]
    [InlineData(SizeFamily.TruncatedNormal, 1.5, 2)]
    [InlineData(SizeFamily.TruncatedExponential, 4, 1)]
    [InlineData(SizeFamily.LogNormal, 0.4, 0)]
    public void Sizes_are_the_scaled_quantiles(SizeFamily family, double parameter, int minimum)
    {
        const int rows = 997, maximum = 32;
        var distribution = new SizeDistribution(family, parameter);
        for (long budget = (rows * minimum) + 1; budget < rows * maximum; budget += 1_777)
        {
            int[] sizes = SizeSampler.Sizes(distribution, rows, budget, minimum, maximum).ToRows();
            double least = 0, most = double.PositiveInfinity;
            for (int row = 0; row < rows; row++)
            {
                double quantile = Quantile(distribution, (row + 0.5) / rows);
                if (sizes[row] > minimum)
                    least = Math.Max(least, (sizes[row] - 0.5) / quantile);
                if (sizes[row] < maximum)
                    most = Math.Min(most, (sizes[row] + 0.5) / quantile);
            }

            Assert.True(least <= most * (1 + 1e-9), $"budget {budget}: a scale of at least {least} and at most {most}");
        }
    }

    [Fact]
    public void Sizes_by_frequency_follow_its_power_on_both_sides_alike()
    {
        var data = Splitter.Split(
            SyntheticData.Generate(new SyntheticOptions(900, 700, 30_000, Seed: 3)), new SplitOptions(SplitKind.Random), 1);
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.75), data.UserCount, data.ItemCount, 1, 128);
        var uniform = new SizeSampler(budget, 1).Uniform();
        var sizes = SizesByFrequency.Of(new ComparedContext(budget, 1, default, data, () => throw new NotSupportedException()));
        Assert.Equal(uniform.Values, sizes.Values);
        var (users, items) = (data.Train.UserFrequencies(), data.Train.ItemFrequencies());
        double scale = sizes.Users.SizeAt(0) / Math.Pow(users[0], 0.3);
        foreach (int row in new[] { 3, 50, 400, 600 })
        {
            Assert.Equal(scale * Math.Pow(users[row], 0.3), sizes.Users.SizeAt(row), 2.5);
            Assert.Equal(scale * Math.Pow(items[row], 0.3), sizes.Items.SizeAt(row), 2.5);
        }
    }

    [Fact]
    public void Uniform_sizes_differ_by_at_most_one()
    {
        var budget = MemoryBudget.From(new BudgetRequest(Parameters: 12_345), 700, 500, 1, 64);
        var sizes = new SizeSampler(budget, 1).Uniform();
        Assert.Equal(12_345, sizes.Values);
        int[] all = [.. sizes.Users.ToRows(), .. sizes.Items.ToRows()];
        Assert.Equal([11, 10], all.Distinct().OrderDescending());
    }

    /// <summary>The x that a value exceeds with the probability given.</summary>
    private static double Quantile(SizeDistribution distribution, double probability)
    {
        double low = -60, high = 10;
        for (int i = 0; i < 100; i++)
        {
            double middle = 0.5 * (low + high);
            if (distribution.Survival(Math.Exp(middle)) >= probability)
                low = middle;
            else
                high = middle;
        }

        return Math.Exp(low);
    }
}

public sealed class BudgetProjectionTests
{
    [Theory]
    [InlineData(new double[] { 4, 2, 1 }, 7, 0, 10, new[] { 4, 2, 1 })]
    [InlineData(new double[] { 4, 2, 1 }, 14, 0, 7, new[] { 7, 5, 2 })]
    [InlineData(new double[] { 1, 1, 1 }, 5, 1, 3, new[] { 2, 2, 1 })]
    [InlineData(new double[] { 0, 0, 0 }, 4, 0, 3, new[] { 2, 1, 1 })]
    [InlineData(new double[] { 1, 0, 0 }, 5, 0, 3, new[] { 3, 1, 1 })]
    [InlineData(new[] { double.PositiveInfinity, 1, 0 }, 6, 1, 4, new[] { 4, 1, 1 })]
    [InlineData(new[] { 2.4, 2.4, 0.2 }, 5, 0, 8, new[] { 3, 2, 0 })]
    [InlineData(new double[] { 5, 0, 0, 0 }, 9, 1, 3, new[] { 3, 2, 2, 2 })]
    [InlineData(new[] { 1e300, 1e-300 }, 3, 1, 8, new[] { 2, 1 })]
    [InlineData(new double[] { 3, 2 }, 16, 1, 8, new[] { 8, 8 })]
    [InlineData(new double[] { 3, 2 }, 2, 1, 8, new[] { 1, 1 })]
    [InlineData(new double[0], 0, 1, 8, new int[0])]
    public void Known_projections(double[] values, long budget, int minimum, int maximum, int[] expected) =>
        Assert.Equal(expected, Project(values, budget, minimum, maximum).ToRows());

    [Theory]
    [InlineData(5, 2, 4)]
    [InlineData(13, 2, 4)]
    public void A_budget_outside_the_bounds_is_an_error(long budget, int minimum, int maximum) =>
        Assert.Contains(
            "cannot add up", Assert.Throws<ArgumentException>(() => Project([3, 2, 1], budget, minimum, maximum)).Message);

    [Fact]
    public void What_a_shape_says_is_kept_within_the_rows() =>
        Assert.Equal([2, 2, 1], BudgetProjection.Project(3, x => x < 1 ? 4 : -1, 5, 1, 4).ToRows());

    private static SideSizes Project(double[] values, long budget, int minimum, int maximum) => BudgetProjection.Project(
        values.Length, x => values.Count(value => value >= x), budget, minimum, maximum);
}
