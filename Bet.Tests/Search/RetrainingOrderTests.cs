using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class RetrainingOrderTests
{
    [Fact]
    public void The_best_of_each_axes_comes_first_and_a_table_that_was_tried_twice_last()
    {
        TrialResult[] trials =
        [
            Trial(1, 0.90, ColumnAxes.Even, 4), Trial(2, 0.97, ColumnAxes.Even, 8), Trial(3, 0.98, ColumnAxes.Even, 6),
            Trial(4, 0.91, ColumnAxes.Principal, 8), Trial(5, 0.93, ColumnAxes.Principal, 6), Trial(6, 0.98, ColumnAxes.Even, 6),
        ];
        Assert.Equal([3, 5, 2, 4, 1, 6], TrialResult.InOrderOfRetraining(trials).Select(trial => trial.Number));
    }

    [Fact]
    public void On_one_kind_of_axes_it_is_the_order_of_fitness()
    {
        TrialResult[] trials = [Trial(1, 0.90, ColumnAxes.Even, 4), Trial(2, 0.97, ColumnAxes.Even, 8), Trial(3, 0.93, ColumnAxes.Even, 6)];
        Assert.Equal([2, 3, 1], TrialResult.InOrderOfRetraining(trials).Select(trial => trial.Number));
    }

    [Theory]
    [InlineData("lightgcn", null, 2)]
    [InlineData("lightgcn", 1, 1)]
    [InlineData("mf", null, 1)]
    public void By_default_one_of_each_axes_is_retrained_but_no_more_than_there_are_trials(string backbone, int? trials, int expected) =>
        Assert.Equal(expected, SearchPresets.Create(
            backbone, new BudgetRequest(Sparsity: 0.9), Effort.Quick, 1, new SplitOptions(SplitKind.Random),
            new SearchOverrides { Trials = trials }).Retrained);

    private static TrialResult Trial(int number, double fitness, ColumnAxes axes, int size)
    {
        var side = SideSizes.Uniform(10, size, 8);
        return new TrialResult(
            number, SelectionRule.Random, "uniform", "uniform", new TableSizes(side, side) { Axes = axes }, null, fitness, fitness, 1);
    }
}
