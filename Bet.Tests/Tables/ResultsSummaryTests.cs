using Bet.Bench.Tables;

namespace Bet.Tests.Tables;

public sealed class ResultsSummaryTests
{
    [Fact]
    public void Interval_of_three_seeds_is_Students()
    {
        Assert.Equal(4.303 / Math.Sqrt(3), SeedInterval.HalfOf([1, 2, 3]), 1e-12);
        Assert.Equal(12.706, SeedInterval.HalfOf([1, 3]), 1e-12);
        Assert.Equal(0, SeedInterval.HalfOf([.. Enumerable.Repeat(0.5, 20)]));
    }

    [Fact]
    public void Differences_to_the_paper_are_shares_of_it_and_leave_a_misprint_out()
    {
        Assert.Equal("+3.9%, -2.0%", new PublishedRow(.08, .13, .1, .1).Compare(.1039, .098));
        Assert.Equal("-50.0%", new PublishedRow(.08, .13, .1, null).Compare(.05, .09));
    }
}
