using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class MemoryBudgetTests
{
    private const int Users = 29_858;
    private const int Items = 40_981;

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.9)]
    [InlineData(0.95)]
    public void A_sparsity_bounds_the_bytes_of_values_and_index_and_leaves_almost_nothing(double sparsity)
    {
        var budget = From(new BudgetRequest(Sparsity: sparsity));
        double allowed = (1 - sparsity) * budget.FullBytes;
        Assert.InRange(budget.MaximumBytes, 0.999 * allowed, allowed);
        Assert.True(budget.ValuesIn(Precision.Float32) <= (1 - sparsity) * (Users + Items) * 128);
        Assert.InRange(budget.ValuesIn(Precision.Int8), 3.6 * budget.ValuesIn(Precision.Float32), 4.0 * budget.ValuesIn(Precision.Float32));
    }

    [Fact]
    public void Parameters_and_bytes_are_taken_to_the_last_value()
    {
        Assert.Equal(1_000_000, From(new BudgetRequest(Parameters: 1_000_000)).MaximumValues);
        var bytes = From(new BudgetRequest(Bytes: 1_000_003));
        Assert.InRange(bytes.MaximumBytes, 1_000_000, 1_000_003);
    }

    [Fact]
    public void More_than_the_full_table_is_the_full_table()
    {
        long full = (Users + Items) * 128L;
        Assert.Equal(full, From(new BudgetRequest(Parameters: long.MaxValue)).MaximumValues);
        Assert.Equal(full, From(new BudgetRequest(Bytes: long.MaxValue)).MaximumValues);
        Assert.Equal(full, From(new BudgetRequest(Sparsity: 0)).MaximumValues);
    }

    [Theory]
    [InlineData(10, null, null, "budget.bytes")]
    [InlineData(-5, null, null, "budget.bytes")]
    [InlineData(null, 70_838, null, "budget.parameters")]
    [InlineData(null, -1, null, "budget.parameters")]
    [InlineData(null, null, 0.9999, "budget.sparsity")]
    public void A_budget_too_small_names_the_smallest_that_can_be_met(int? bytes, int? parameters, double? sparsity, string field)
    {
        var error = Assert.Throws<BudgetException>(() => From(new BudgetRequest(sparsity, parameters, bytes)));
        Assert.Equal(field, error.Field);
        long leastBytes = NumberAfter(error.Message, "bytes of at least ");
        Assert.Equal(Users + Items, From(new BudgetRequest(Bytes: leastBytes)).ValuesIn(Precision.Float32));
        Assert.Throws<BudgetException>(() => From(new BudgetRequest(Bytes: leastBytes - 1)));
        long leastParameters = NumberAfter(error.Message, "parameters of at least ");
        Assert.Equal(Users + Items, From(new BudgetRequest(Parameters: leastParameters)).MaximumValues);
        double most = double.Parse(error.Message.Split("at most ")[^1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(From(new BudgetRequest(Sparsity: most)).ValuesIn(Precision.Float32) >= Users + Items);
    }

    [Fact]
    public void Where_any_precision_will_do_the_least_bytes_are_those_of_the_cheapest()
    {
        long index = 2 * PackedLayout.IndexBytes(128);
        var error = Assert.Throws<BudgetException>(
            () => MemoryBudget.From(new BudgetRequest(Bytes: 1000), Users, Items, minimumSize: 1, maximumSize: 128));
        Assert.Contains("1 value(s) of float16", error.Message);
        Assert.Equal((2L * (Users + Items)) + index, NumberAfter(error.Message, "bytes of at least "));
        error = Assert.Throws<BudgetException>(
            () => MemoryBudget.From(new BudgetRequest(Bytes: 1000), Users, Items, minimumSize: 16, maximumSize: 128));
        Assert.Contains("16 value(s) of int1", error.Message);
        Assert.Equal(((2L + RowQuantiser.ScaleBytes) * (Users + Items)) + index, NumberAfter(error.Message, "bytes of at least "));
    }

    [Fact]
    public void Below_a_value_a_row_the_error_says_that_rows_may_share()
    {
        var error = Assert.Throws<BudgetException>(() => From(new BudgetRequest(Parameters: 50_000)));
        Assert.Contains("minimumSize 0 would do", error.Message);
        var shared = MemoryBudget.From(new BudgetRequest(Parameters: 50_000), Users, Items, 0, 128);
        Assert.All(Precisions.All, precision => Assert.True(shared.CanHold(precision)));
        error = Assert.Throws<BudgetException>(() => From(new BudgetRequest(Parameters: 15)));
        Assert.DoesNotContain("minimumSize 0 would do", error.Message);
        error = Assert.Throws<BudgetException>(() => MemoryBudget.From(new BudgetRequest(Parameters: 15), Users, Items, 0, 128));
        Assert.Contains("parameters of at least 16", error.Message);
        Assert.Equal(16, MemoryBudget.From(new BudgetRequest(Parameters: 16), Users, Items, 0, 128).MaximumValues);
    }

    [Theory]
    [InlineData(1.2)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_sparsity_is_at_least_0_and_below_1(double sparsity)
    {
        var error = Assert.Throws<BudgetException>(() => From(new BudgetRequest(Sparsity: sparsity)));
        Assert.Equal("budget.sparsity", error.Field);
        Assert.Contains("at least 0 and below 1", error.Message);
    }

    [Fact]
    public void Exactly_one_form_is_given()
    {
        Assert.Throws<BudgetException>(() => From(new BudgetRequest()));
        Assert.Throws<BudgetException>(() => From(new BudgetRequest(Sparsity: 0.5, Bytes: 1000)));
    }

    private static MemoryBudget From(BudgetRequest asked) => MemoryBudget.From(asked, Users, Items, 1, 128, Precision.Float32);

    private static long NumberAfter(string text, string words) =>
        long.Parse(text.Split(words)[1].Split([',', ' '])[0], System.Globalization.CultureInfo.InvariantCulture);
}
