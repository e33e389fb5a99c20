using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Tests.ClickSearches;

public sealed class FieldAllocationTests
{
    /// <summary>Whatever is asked for and tried, the budget is kept, and where categories are left without a row it is spent.</summary>
    [Fact]
    public void Shapes_keep_the_budget_and_spend_it()
    {
        var random = new Random(1);
        int held = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            int size = random.Next(1, 33);
            PreparedField[] fields = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Field(random, random.Next(1, 2000)))];
            int[] categories = [.. fields.Select(field => field.Categories)];
            FieldBudget budget;
            try
            {
                budget = FieldBudget.From(Asked(random, categories.Sum() * size), categories, size);
            }
            catch (BudgetException)
            {
                continue;
            }

            var recipe = Recipe(random, fields.Length, size);
            if (new FieldAllocation(fields, budget).Of(recipe) is not { } shapes)
                continue;
            held++;
            long bytes = shapes.Sum(shape => shape.Bytes);
            Assert.True(bytes <= budget.MaximumBytes, $"{bytes} of {budget.MaximumBytes}: {recipe}");
            Assert.True(shapes.Sum(shape => shape.Values) <= budget.MaximumValues);
            Assert.Equal(categories, shapes.Select(shape => shape.Categories));
            // A category more costs a row, or several at once where a tail has a row for each of so many.
            bool isWhole = shapes.All(shape => shape.Partitions[0].Cells == shape.Categories);
            long step = shapes.Max(shape => (long)((2 + recipe.TailShare) * 2 * shape.Tables.Max(part => part.Bytes / part.Rows + 4))) + (size * size * 4);
            if (!isWhole && budget.Asked.Parameters is null && recipe.Method is null)
                Assert.True(bytes + step >= budget.MaximumBytes, $"{bytes} of {budget.MaximumBytes}, a step is {step}: {recipe}");
        }

        Assert.True(held > 100, $"{held} recipes were held");
    }

    [Fact]
    public void Frequent_categories_come_first_and_a_heavier_field_gets_more()
    {
        PreparedField[] fields = [Falling(1000), Falling(1000)];
        var budget = FieldBudget.From(new BudgetRequest(Sparsity: 0.9), [1000, 1000], 16);
        var allocation = new FieldAllocation(fields, budget);
        var even = allocation.Of(new FieldRecipe(Precision.Int8, null, 16, 0.1, [0, 0]))!;
        Assert.InRange(even[0].Head - even[1].Head, -5, 5);
        var tilted = allocation.Of(new FieldRecipe(Precision.Int8, null, 16, 0.1, [1, -1]))!;
        Assert.True(tilted[0].Head > even[0].Head && tilted[1].Head < even[1].Head);
        Assert.Equal(Math.Max(1, Math.Round(tilted[1].Head * 0.1)), tilted[1].Partitions[0].Cells, tolerance: 1.0);
    }

    [Fact]
    public void A_budget_that_nothing_can_keep_says_what_would_do()
    {
        var error = Assert.Throws<BudgetException>(() => FieldBudget.From(new BudgetRequest(Bytes: 3), [1000, 50, 2], 16));
        Assert.Equal("budget.bytes", error.Field);
        long least = FieldAllocation.Least([1000, 50, 2], 16).Sum(shape => shape.Bytes);
        Assert.Contains($"bytes of at least {least}", error.Message);
        Assert.Equal(least, FieldBudget.From(new BudgetRequest(Bytes: least), [1000, 50, 2], 16).MaximumBytes);
        Assert.Throws<BudgetException>(() => FieldBudget.From(new BudgetRequest(Bytes: least - 1), [1000, 50, 2], 16));
        Assert.Throws<BudgetException>(() => FieldBudget.From(new BudgetRequest(Sparsity: 1), [1000], 16));
        Assert.Throws<BudgetException>(() => FieldBudget.From(new BudgetRequest(Sparsity: 0.5, Bytes: 100), [1000], 16));
        Assert.Equal(1000 * 16 * 4, FieldBudget.From(new BudgetRequest(Bytes: 1 << 30), [1000], 16).MaximumBytes);
    }

    private static BudgetRequest Asked(Random random, long values) => random.Next(3) switch
    {
        0 => new BudgetRequest(Sparsity: Math.Round(random.NextDouble(), 3)),
        1 => new BudgetRequest(Bytes: random.NextInt64(1, values * 4)),
        _ => new BudgetRequest(Parameters: random.NextInt64(1, values)),
    };

    private static FieldRecipe Recipe(Random random, int fields, int size) => new(
        Precisions.All[random.Next(Precisions.All.Count)], random.Next(2) == 0 ? null : FieldRecipe.Methods[random.Next(FieldRecipe.Methods.Count)], random.Next(1, size + 1), random.NextDouble() < 0.2 ? 0 : random.NextDouble(),
        [.. Enumerable.Range(0, fields).Select(_ => (random.NextDouble() * 6) - 3)]);

    private static PreparedField Field(Random random, int categories) => new(
        "f", [.. Enumerable.Range(0, categories - 1).Select(i => $"{i}")],
        [.. Enumerable.Range(0, categories - 1).Select(_ => random.Next(1, 10_000)).OrderDescending(), random.Next(10_000)]);

    private static PreparedField Falling(int categories) => new(
        "f", [.. Enumerable.Range(0, categories - 1).Select(i => $"{i}")], [.. Enumerable.Range(0, categories - 1).Select(i => 100_000 / (i + 1)), 0]);
}
