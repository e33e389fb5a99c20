using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Backbones;

namespace Bet.Tests.Training;

/// <summary>Rotations of the tables' columns: what is cut off or rounded afterwards changes by them, scores do not.</summary>
public sealed class TurnedTablesTests
{
    private const int Users = 20;
    private const int Items = 30;
    private const int Width = 16;

    private static readonly TableOrigin Origin = new(
        1, "", MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), Users, Items, 1, Width, null));

    public static TheoryData<string> Names => [.. BackboneRegistry.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Principal_axes_change_no_order_of_items(string name)
    {
        using var backend = new CpuBackend(2);
        using var recommender = Full(backend, name);
        float[] values = Values(backend, recommender.Backbone.Users);
        int[][] ranked = Ranked.Best(backend, recommender.Backbone, 5);
        recommender.TurnToPrincipalAxes();
        Assert.Equal(ranked, Ranked.Best(backend, recommender.Backbone, 5));
        Assert.Equal(recommender.Backbone.TurnableColumns.Count == 0, values.SequenceEqual(Values(backend, recommender.Backbone.Users)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Even_axes_change_no_order_of_items(string name)
    {
        using var backend = new CpuBackend(2);
        using var full = Full(backend, name);
        var sizes = new TableSizes(SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width)) { Axes = ColumnAxes.Even };
        using var even = new Recommender(backend, Checkerboard.Create(Users, Items), Options(name), sizes);
        even.TakePrefixes(full.Pack(Origin));
        Assert.Equal(Ranked.Best(backend, full.Backbone, 5), Ranked.Best(backend, even.Backbone, 5));
        Assert.Equal(even.Backbone.TurnableColumns.Count == 0, Values(backend, full.Backbone.Users).SequenceEqual(Values(backend, even.Backbone.Users)));
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("ncf")]
    [InlineData("lightgcn")]
    public void Of_the_columns_that_all_rows_have_none_counts_for_more_on_even_axes(string name)
    {
        using var backend = new CpuBackend(2);
        using var full = Full(backend, name);
        full.TurnToPrincipalAxes();
        var weights = full.Pack(Origin);
        const int all = 10;
        int[] userSizes = [.. Enumerable.Range(0, Users).Select(row => row < 5 ? 13 : all)];
        using var plain = Prefixes(backend, name, weights, userSizes, ColumnAxes.Principal);
        using var even = Prefixes(backend, name, weights, userSizes, ColumnAxes.Even);
        float[] plainUsers = Values(backend, plain.Backbone.Users), evenUsers = Values(backend, even.Backbone.Users);
        float[] plainItems = Values(backend, plain.Backbone.Items), evenItems = Values(backend, even.Backbone.Items);
        foreach (var group in even.Backbone.TurnableColumns)
        {
            int[] columns = [.. group.Columns.Where(column => column < all)];
            if (columns.Length == 0)
                continue;
            double[] shares = [.. columns.Select(column => ShareOf(column, evenUsers) + ShareOf(column, evenItems))];
            Assert.All(shares, share => Assert.Equal(shares.Average(), share, 1e-4));
            Assert.Contains(columns, column => ShareOf(column, plainUsers) + ShareOf(column, plainItems) > 1.2 * shares.Average());
            for (int user = 0; user < Users; user++)
            {
                for (int item = 0; item < Items; item++)
                    Assert.Equal(Product(plainUsers, user, plainItems, item, columns), Product(evenUsers, user, evenItems, item, columns), 1e-5);
            }
        }

        for (int row = 0; row < Users; row++)
            Assert.Equal(plainUsers[((row * Width) + all)..((row + 1) * Width)], evenUsers[((row * Width) + all)..((row + 1) * Width)]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_of_one_value_or_none_begin_with_it(string name)
    {
        using var backend = new CpuBackend(2);
        using var full = Full(backend, name);
        using var even = Prefixes(backend, name, full.Pack(Origin), [.. Enumerable.Range(0, Users).Select(row => row < 5 ? 1 : 0)], ColumnAxes.Even);
        float[] whole = Values(backend, full.Backbone.Users), first = Values(backend, even.Backbone.Users);
        for (int row = 0; row < Users; row++)
        {
            Assert.Equal(row < 5 ? Math.Abs(whole[row * Width]) : 0, Math.Abs(first[row * Width]));
            Assert.All(first[((row * Width) + 1)..((row + 1) * Width)], value => Assert.Equal(0, value));
        }
    }

    private static double Product(float[] users, int user, float[] items, int item, int[] columns) =>
        columns.Sum(column => (double)users[(user * Width) + column] * items[(item * Width) + column]);

    /// <summary>A column's share of the squares of a table.</summary>
    private static double ShareOf(int column, float[] values) =>
        Enumerable.Range(0, values.Length / Width).Sum(row => Math.Pow(values[(row * Width) + column], 2)) / values.Sum(value => (double)value * value);

    /// <summary>Tables and weights of random values, of which a few columns count for most.</summary>
    private static Recommender Full(Backend backend, string name)
    {
        var recommender = new Recommender(backend, Checkerboard.Create(Users, Items), Options(name));
        foreach (var table in new[] { recommender.Backbone.Users, recommender.Backbone.Items })
        {
            float[] values = Values(backend, table);
            for (int at = 0; at < values.Length; at++)
                values[at] *= 20f / (1 + (at % Width));
            backend.Upload(values, table.Parameters[0].Value);
        }

        return recommender;
    }

    private static Recommender Prefixes(Backend backend, string name, TrainedWeights weights, int[] userSizes, ColumnAxes axes)
    {
        var recommender = new Recommender(
            backend, Checkerboard.Create(Users, Items), Options(name),
            new TableSizes(SideSizes.FromRows(userSizes, Width), SideSizes.Uniform(Items, 12, Width))
                .In(new TablePrecision(Precision.Int4, Precision.Float32) { Axes = axes }));
        recommender.TakePrefixes(weights);
        return recommender;
    }

    private static BackboneOptions Options(string name) => BackboneRegistry.OptionsFor(name, Width) with { Layers = 2 };

    private static float[] Values(Backend backend, EmbeddingTable table)
    {
        var values = new float[table.Parameters[0].Value.Length];
        backend.Download(table.Parameters[0].Value, values);
        return values;
    }
}
