using Bet.Engine.Compute;
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
            long least = Math.Max(1, rows * minimum), full = rows * maximum;
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
                Assert.Equal(side.Values, ofRows.Sum(size => (long)size));
            }
        }
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

    [Fact]
    public void Uniform_sizes_differ_by_at_most_one()
    {
        var budget = MemoryBudget.From(new BudgetRequest(Parameters: 12_345), 700, 500, 1, 64);
        var sizes = new SizeSampler(budget, 1).Uniform();
        Assert.Equal(12_345, sizes.Values);
        int[] all = [.. sizes.Users.ToRows(), .. sizes.Items.ToRows()];
        Assert.Equal([11, 10], all.Distinct().OrderDescending());
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
    [InlineData(new[] { 1e300, 1e-300 }, 3, 1, 8, new[] { 2, 1 })]
    [InlineData(new double[] { 3, 2 }, 16, 1, 8, new[] { 8, 8 })]
    [InlineData(new double[] { 3, 2 }, 2, 1, 8, new[] { 1, 1 })]
    [InlineData(new double[0], 0, 1, 8, new int[0])]
    public void Known_projections(double[] values, long budget, int minimum, int maximum, int[] expected) =>
        Assert.Equal(expected, BudgetProjection.Project(values, budget, minimum, maximum).ToRows());

    [Theory]
    [InlineData(5, 2, 4)]
    [InlineData(13, 2, 4)]
    public void A_budget_outside_the_bounds_is_an_error(long budget, int minimum, int maximum) =>
        Assert.Contains(
            "cannot add up", Assert.Throws<ArgumentException>(() => BudgetProjection.Project([3, 2, 1], budget, minimum, maximum)).Message);

    [Fact]
    public void Values_that_rise_are_an_error() =>
        Assert.Throws<ArgumentException>(() => BudgetProjection.Project([1, 2], 4, 1, 4));
}
