using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.ClickSearches;

public sealed class RecipeChoiceTests
{
    private static readonly ClickSearchOptions Options = ClickSearchPresets.Create(
        "dlrm", new BudgetRequest(Sparsity: 0.95), Effort.Quick, 1, new ClickSplitOptions(), new ClickSearchOverrides { Trials = 28, Candidates = 200, Compare = [] });

    private static readonly PreparedField[] Fields = [.. new[] { 1000, 300, 10 }.Select(categories => new PreparedField(
        "f", [.. Enumerable.Range(0, categories - 1).Select(i => $"{i}")], [.. Enumerable.Range(0, categories - 1).Select(i => 50_000 / (i + 1)), 0]))];

    private static readonly RecipeContext Context = new(
        Options, new FieldAllocation(Fields, FieldBudget.From(Options.Budget!, [1000, 300, 10], Options.Size)), [0.1, 0.2, 0.01]);

    /// <summary>Fewer bits are better here down to int2, and 4 values a row: both are found by the climbs, and no recipe is tried twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_climbs_go_as_far_as_it_gets_better(int parallel)
    {
        var tried = Search(parallel, recipe => -Math.Abs(recipe.Precision.Bits() - 2) - Math.Abs(Math.Log2(recipe.Width) - 2));
        Assert.Equal((Precision.Int8, 16), (tried[0].Recipe.Precision, tried[0].Recipe.Width));
        var best = tried.MaxBy(trial => trial.Fitness)!.Recipe;
        Assert.Equal((Precision.Int2, 4), (best.Precision, best.Width));
        Assert.Equal(tried.Count, tried.Select(trial => trial.Recipe).Distinct().Count());
        Assert.Contains(tried, trial => trial.Selection == SelectionRule.ExpectedImprovement);
        Assert.All(tried, trial => Assert.NotNull(Context.Allocation.Of(trial.Recipe)));
    }

    /// <summary>A method is tried in as many bits as are best without it, then in fewer and more; what only rows by frequency have is left out.</summary>
    [Fact]
    public void A_method_that_is_better_is_tried_in_other_precisions()
    {
        var tried = Search(1, recipe => (recipe.Method == "features" ? 10 : 0) - Math.Abs(recipe.Precision.Bits() - (recipe.Method is null ? 2 : 4)));
        Assert.Equal(
            [(Precision.Int8, null), (Precision.Int4, null), (Precision.Int2, null), (Precision.Int2, "features")],
            tried.Take(4).Select(trial => (trial.Recipe.Precision, trial.Recipe.Method)));
        var best = tried.MaxBy(trial => trial.Fitness)!.Recipe;
        Assert.Equal((Precision.Int4, "features"), (best.Precision, best.Method));
        Assert.DoesNotContain(tried, trial => trial.Selection == SelectionRule.Beginning && trial.Recipe.Width != 16);
    }

    [Fact]
    public void More_bits_are_tried_where_fewer_are_worse()
    {
        var tried = Search(1, recipe => recipe.Precision.Bits());
        Assert.Equal([Precision.Int8, Precision.Int4, Precision.Float16], tried.Take(3).Select(trial => trial.Recipe.Precision));
    }

    /// <summary>A choice follows from the trials up to so many before it, whatever else has ended.</summary>
    [Fact]
    public void What_has_ended_early_changes_no_choice()
    {
        var tried = Search(3, recipe => recipe.Width);
        for (int number = 1; number <= tried.Count; number++)
        {
            ClickTrialResult[] needed = [.. tried.Where(trial => trial.Number <= number - 3)];
            ClickTrialResult[] more = [.. tried.Where(trial => trial.Number < number)];
            Assert.Equal(RecipeChoices.Beside(Parallel(3), number, needed).Recipe, RecipeChoices.Beside(Parallel(3), number, more).Recipe);
        }
    }

    private static RecipeContext Parallel(int parallel) => Context with { Options = Options with { ParallelTrials = parallel } };

    private static List<ClickTrialResult> Search(int parallel, Func<FieldRecipe, double> fitness)
    {
        var tried = new List<ClickTrialResult>();
        for (int number = 1; number <= Options.Trials; number++)
        {
            var choice = RecipeChoices.Beside(Parallel(parallel), number, tried);
            tried.Add(new ClickTrialResult(number, choice.Selection, choice.Recipe, 0, choice.Predicted, fitness(choice.Recipe), 0, 0));
        }

        return tried;
    }
}
