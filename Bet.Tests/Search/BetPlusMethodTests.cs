using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class BetPlusMethodTests
{
    private static readonly Lazy<PreparedDataset> Data = new(() => Splitter.Split(
        SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 3)), new SplitOptions(SplitKind.Random), 1));

    /// <summary>At 96 % no precision has room for full rows; at 90 % two bits have, so fewer would save nothing.</summary>
    [Theory]
    [InlineData(0.96, new[] { Precision.Int1, Precision.Int2, Precision.Int4, Precision.Int8, Precision.Float16, Precision.Float32 })]
    [InlineData(0.9, new[] { Precision.Int2, Precision.Int4, Precision.Int8, Precision.Float16, Precision.Float32 })]
    [InlineData(0, new[] { Precision.Float32 })]
    public void It_begins_with_uniform_sizes_in_more_and_more_bits_from_the_most_that_rows_are_full_with(double sparsity, Precision[] expected)
    {
        var rising = History(Method(null, sparsity), expected.Length, sizes => sizes.Users.Precision.Bits());
        Assert.Equal(expected, rising.Select(trial => trial.Sizes.Users.Precision));
        Assert.Equal(expected, rising.Select(trial => trial.Sizes.Items.Precision));
        Assert.All(rising, trial => Assert.Equal(SelectionRule.Beginning, trial.Selection));
        Assert.All(rising, trial => Assert.True(
            trial.Sizes.Items.Largest - trial.Sizes.Items.SizeAt(trial.Sizes.Items.Rows - 1) <= 1));
    }

    /// <summary>There are fewer items than users. Rows have room for int2 values on both sides and little more.</summary>
    [Theory]
    [InlineData(Precision.Int1, Precision.Int2, 1, "fewer bits for the users are better")]
    [InlineData(Precision.Int1, Precision.Int4, 2, "and then more for the items")]
    [InlineData(Precision.Int2, Precision.Int8, 3, "fewer for the users are worse, more for the items better, twice")]
    [InlineData(Precision.Int2, Precision.Int1, 3, "the other way round: both fewer for the users and more for the items are worse")]
    [InlineData(Precision.Int4, Precision.Int2, 4, "so are fewer for the items")]
    public void Then_one_side_is_given_fewer_bits_or_more_until_that_is_worse(
        Precision users, Precision items, int after, string because)
    {
        double Off(TableSizes sizes) =>
            Math.Abs(Math.Log2(sizes.Users.Precision.Bits()) - Math.Log2(users.Bits()))
            + Math.Abs(Math.Log2(sizes.Items.Precision.Bits()) - Math.Log2(items.Bits()));
        // Of one precision int2 is always best.
        double Fitness(TableSizes sizes) => sizes.Users.Precision != sizes.Items.Precision
            ? -Off(sizes)
            : sizes.Users.Precision == Precision.Int2 ? -Off(sizes) - 0.1 : -10;
        var history = History(Method(null, 0.9), 2 + after, Fitness);
        Assert.All(history, trial => Assert.Equal((SelectionRule.Beginning, "uniform"), (trial.Selection, trial.UserFamily)));
        Assert.Equal([Precision.Int2, Precision.Int4], history.Take(2).Select(trial => trial.Sizes.Users.Precision));
        Assert.True(history[^1].Sizes == history.MaxBy(trial => trial.Fitness)!.Sizes && Off(history[^1].Sizes) == 0, because);
    }

    [Theory]
    [InlineData(ColumnAxes.Principal)]
    [InlineData(ColumnAxes.Even)]
    public void Where_it_is_not_known_which_axes_suit_both_are_tried_and_the_better_ones_kept(ColumnAxes better)
    {
        var history = History(
            Method(null, 0.9, "lightgcn"), 12,
            sizes => (sizes.Axes == better ? 1 : 0) - Math.Abs(sizes.Users.Precision.Bits() - 2) - Math.Abs(sizes.Items.Precision.Bits() - 2));
        Assert.Equal(
            [(Precision.Int2, ColumnAxes.Even), (Precision.Int4, ColumnAxes.Even), (Precision.Int2, ColumnAxes.Principal)],
            history.Take(3).Select(trial => (trial.Sizes.Items.Precision, trial.Sizes.Axes)));
        Assert.All(history.Skip(3), trial => Assert.Equal(IsCoarse(trial.Sizes) ? better : ColumnAxes.Principal, trial.Sizes.Axes));
    }

    [Fact]
    public void Once_one_side_is_finer_other_axes_may_be_better()
    {
        static bool IsFound(TableSizes sizes) => (sizes.Users.Precision, sizes.Items.Precision, sizes.Axes) == (Precision.Int1, Precision.Int2, ColumnAxes.Principal);
        var history = History(
            Method(null, 0.9, "lightgcn"), 8,
            sizes => IsFound(sizes) ? 1
                : (sizes.Axes == ColumnAxes.Even ? 0 : -0.5) - Math.Abs(sizes.Users.Precision.Bits() - 1) - Math.Abs(sizes.Items.Precision.Bits() - 2));
        Assert.Contains(history, trial => IsFound(trial.Sizes));
    }

    [Theory]
    [InlineData("mf", ColumnAxes.Even)]
    [InlineData("ngcf", ColumnAxes.Principal)]
    public void Where_it_is_known_no_trial_is_spent_on_it(string backbone, ColumnAxes axes) => Assert.All(
        History(Method(null, 0.9, backbone), 8, Fitness),
        trial => Assert.Equal(IsCoarse(trial.Sizes) ? axes : ColumnAxes.Principal, trial.Sizes.Axes));

    private static bool IsCoarse(TableSizes sizes) => Math.Min(sizes.Users.Precision.Bits(), sizes.Items.Precision.Bits()) <= 4;

    /// <summary>Ten values a row: room to give one side more, and to fall in.</summary>
    [Theory]
    [InlineData(0.6, 0, 3, 4, "less for the users is worse, more is worse, falling is worse")]
    [InlineData(0.75, 0, 4, 5, "more for the users is better, still more is worse, falling is worse")]
    [InlineData(0.25, 0, 3, 4, "less for the users is better, still less is worse, falling is worse")]
    [InlineData(0.6, 2, 3, 6, "sizes fall by two steps")]
    public void Then_one_side_is_given_more_and_sizes_fall_until_that_is_worse(
        double share, double halvings, int afterShares, int afterAll, string because)
    {
        double Near(TableSizes sizes) =>
            -Math.Abs((sizes.Users.Values / (double)sizes.Values) - share) - (0.1 * Math.Abs(FallOf(sizes) - halvings));
        var history = History(Method(Precision.Float32, 0.7), afterAll + 1, Near);
        Assert.All(history.Take(afterAll), trial => Assert.Equal(SelectionRule.Beginning, trial.Selection));
        Assert.True(SelectionRule.ExpectedImprovement == history[afterAll].Selection, because);
        Assert.All(history.Take(afterShares), trial => Assert.Equal("uniform", trial.UserFamily));
    }

    [Fact]
    public void Steps_that_change_nothing_are_left_out() =>
        // Every row is full in int1 at 90 %.
        Assert.Equal(SelectionRule.ExpectedImprovement, History(Method(Precision.Int1, 0.9), 2, Fitness)[1].Selection);

    [Fact]
    public void It_begins_with_what_the_budget_can_hold_and_the_request_allows()
    {
        // At 97.7 % a row has less than two bytes and a half: no room for a float32 value, nor for an int4 value and its scale.
        Assert.Equal(
            [Precision.Int1, Precision.Int2, Precision.Float16],
            History(Method(null, 0.977), 3, sizes => sizes.Users.Precision.Bits()).Select(trial => trial.Sizes.Users.Precision));
        Assert.Equal(Precision.Int8, Method(Precision.Int8, 0.9).Choose(1, [], []).Sizes.Items.Precision);
    }

    [Fact]
    public void Every_choice_keeps_the_budget_and_the_precision_that_is_asked_for()
    {
        foreach (var precision in new Precision?[] { null, Precision.Float32, Precision.Int4, Precision.Int1 })
        {
            var history = History(Method(precision, 0.9), 12, Fitness);
            var budget = Budget(0.9);
            Assert.All(history, trial => Assert.True(
                budget.MaximumBytes - trial.Sizes.Bytes is >= 0 and <= 3
                || (trial.Sizes.Bytes < budget.MaximumBytes && trial.Sizes.Values == 32L * (budget.Users + budget.Items)),
                $"{trial.Sizes.Bytes} of {budget.MaximumBytes} bytes"));
            Assert.All(history, trial => Assert.True(precision is null || trial.Sizes.Users.Precision == precision));
            Assert.True(precision == Precision.Int1 || history.Select(trial => trial.Sizes).Distinct().Count() == 12);
        }
    }

    /// <summary>The best table has full rows, and many curves and shares give just that table.</summary>
    [Fact]
    public void Nothing_is_tried_twice_as_long_as_there_is_something_else()
    {
        static double Bits(Precision precision) => Math.Log2(precision.Bits());
        var history = History(Method(null, 0.9), 16, sizes => 1 - (0.2 * Bits(sizes.Users.Precision)) - (0.2 * Math.Abs(Bits(sizes.Items.Precision) - 1)));
        Assert.Equal(16, history.Select(trial => trial.Sizes).Distinct().Count());
    }

    /// <summary>With one trial pending a choice knows one result less, is none of those pending, and finds nearly as good a table.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Trials_side_by_side_are_all_different_and_do_not_wait_for_each_other(int parallel)
    {
        var method = Method(null, 0.9);
        var history = new List<TrialResult>();
        for (int trial = 1; trial <= 20; trial++)
        {
            var (choice, known) = method.ChooseBeside(trial, history, parallel);
            Assert.Equal(Math.Max(0, trial - parallel), known.Count);
            // What has ended by now changes nothing.
            Assert.Equal(choice, method.ChooseBeside(trial, [.. history.Take(trial - parallel)], parallel).Choice);
            history.Add(new TrialResult(
                trial, choice.Selection, choice.UserFamily, choice.ItemFamily, choice.Sizes, choice.Predicted,
                Fitness(choice.Sizes), Fitness(choice.Sizes), 0));
        }

        Assert.Equal(20, history.Select(trial => trial.Sizes).Distinct().Count());
        double alone = History(method, 20, Fitness).Max(trial => trial.Fitness);
        double beside = history.Max(trial => trial.Fitness);
        Assert.True(beside > alone - 0.05, $"{beside} with {parallel} at once, {alone} one by one");
    }

    [Fact]
    public void Beside_a_step_that_is_pending_another_climb_begins()
    {
        var method = Method(null, 0.9);
        var history = History(method, 2, sizes => -sizes.Users.Precision.Bits());
        var fewerBits = method.Choose(3, history, []).Sizes;
        var moreBits = method.Choose(4, history, [fewerBits]).Sizes;
        Assert.Equal((Precision.Int1, Precision.Int2), (fewerBits.Users.Precision, fewerBits.Items.Precision));
        Assert.Equal((Precision.Int2, Precision.Int4), (moreBits.Users.Precision, moreBits.Items.Precision));
        // The first climb goes on.
        Assert.Equal(Precision.Int8, method.Choose(3, history[..1], [history[1].Sizes]).Sizes.Items.Precision);
    }

    /// <summary>A fitness whose best action is known: the search comes nearer to it than as many random draws.</summary>
    [Fact]
    public void It_finds_what_random_draws_do_not()
    {
        double found = History(Method(null, 0.9), 20, Fitness).Max(trial => trial.Fitness);
        double random = Enumerable.Range(0, 20).Max(i => Fitness(
            new SizeSampler(Budget(0.9), 5, new((Precision)(i % 4), (Precision)(i / 4 % 4))).Draw(1, i).Sizes));
        Assert.True(found > random + 0.05, $"found {found:0.000}, random {random:0.000}");
        Assert.True(found > 0.85, $"found {found:0.000}");
    }

    [Fact]
    public void A_process_passes_through_what_it_knows_and_expects_most_where_it_should()
    {
        double[] places = [-2, -1, 0.5, 2];
        var process = new GaussianProcess([.. places.Select(x => new[] { x })], [.. places.Select(x => 3 - (x * x))]);
        foreach (double x in places)
        {
            var (mean, deviation) = process.Predict([x]);
            Assert.Equal(3 - (x * x), mean, 0.2);
            Assert.InRange(deviation, 0, 0.7);
        }

        Assert.True(process.Predict([10]).Deviation > process.Predict([0]).Deviation);
        double best = Enumerable.Range(-30, 61).Select(i => i / 10.0).MaxBy(x => process.ExpectedImprovement([x], 2.75));
        Assert.InRange(best, -0.8, 0.6);
        Assert.All(Enumerable.Range(-30, 61), i => Assert.True(process.ExpectedImprovement([i / 10.0], 2.75) >= 0));

        // All values alike, and one alone.
        Assert.Equal(1, new GaussianProcess([[0], [1]], [1, 1]).Predict([0.5]).Mean, 9);
        Assert.Equal(2, new GaussianProcess([[0]], [2]).Predict([0]).Mean, 9);
    }

    [Fact]
    public void A_curve_comes_back_from_the_sizes_that_follow_it()
    {
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), 5000, 40_000, 1, 128, Precision.Float32);
        var sampler = new SizeSampler(budget, 1);
        foreach (var curve in new[] { default, new SizeCurve(0, 0, 1), new SizeCurve(0.3, 0.5, 0.8), new SizeCurve(1, 0, 0) })
        {
            var sizes = sampler.Of(0.2, curve, curve).Items;
            var again = SizeCurve.Of(sizes);
            Assert.Equal(curve.Head, again.Head, 0.15);
            Assert.Equal(curve.Middle, again.Middle, 0.15);
            Assert.Equal(curve.Tail, again.Tail, 0.15);
        }

        Assert.Equal(0, default(SizeCurve).RowsOfAtLeast(1.01, 50));
        Assert.Equal(50, default(SizeCurve).RowsOfAtLeast(1, 50));
        Assert.Equal(1, new SizeCurve(1, 1, 1).RowsOfAtLeast(1, 50));
        Assert.Equal(0, new SizeCurve(1, 1, 1).RowsOfAtLeast(0.5, 0));
    }

    /// <summary>Halvings from the first user's size to the last one's.</summary>
    private static double FallOf(TableSizes sizes) =>
        SizeCurve.Of(sizes.Users) is var curve ? curve.Head + curve.Middle + curve.Tail : 0;

    /// <summary>1 where users are int8 and items int4, the users have a third and items fall by two halvings.</summary>
    private static double Fitness(TableSizes sizes)
    {
        double bits = Math.Abs(Math.Log2(sizes.Users.Precision.Bits() / 8.0)) + Math.Abs(Math.Log2(sizes.Items.Precision.Bits() / 4.0));
        var items = SizeCurve.Of(sizes.Items);
        double share = Math.Log2(sizes.Users.Values / (double)sizes.Items.Values);
        return 1 - (0.1 * bits) - (0.05 * Math.Abs(items.Head + items.Middle + items.Tail - 2)) - (0.02 * share * share);
    }

    private static List<TrialResult> History(SearchMethod method, int trials, Func<TableSizes, double> fitness)
    {
        var history = new List<TrialResult>();
        for (int trial = 1; trial <= trials; trial++)
        {
            var choice = method.Choose(trial, history, []);
            Assert.Equal(choice, method.Choose(trial, history, []));
            double value = fitness(choice.Sizes);
            history.Add(new TrialResult(
                trial, choice.Selection, choice.UserFamily, choice.ItemFamily, choice.Sizes, choice.Predicted, value, value, 0));
        }

        return history;
    }

    private static MemoryBudget Budget(double sparsity) =>
        MemoryBudget.From(new BudgetRequest(Sparsity: sparsity), Data.Value.UserCount, Data.Value.ItemCount, 1, 32);

    private static SearchMethod Method(Precision? precision, double sparsity, string backbone = "mf")
    {
        var options = SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: sparsity), Effort.Quick, 7, new SplitOptions(SplitKind.Random),
            new SearchOverrides { MaximumSize = 32, Precision = precision, Candidates = 500 });
        return SearchMethods.Create(new SearchContext(options, Budget(sparsity), Data.Value));
    }
}
