using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Engine.Training;

/// <summary>A trained table and the backbone's weights beside it.</summary>
public sealed record TrainedWeights(PackedTable Table, IReadOnlyList<DenseWeight> Dense);

/// <summary>Two embedding tables and the backbone over them, ready to be trained; owns all three.</summary>
public sealed class Recommender : IDisposable
{
    /// <summary>Columns come in steps of one 512-bit vector, so that every row starts aligned.</summary>
    private const int WidthStep = 16;

    private readonly EmbeddingTable users;
    private readonly EmbeddingTable items;

    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="data">Its users, its items and its training part.</param>
    /// <param name="options">Which backbone.</param>
    /// <param name="sizes">A size for every row; null for full tables.</param>
    public Recommender(Backend backend, PreparedDataset data, BackboneOptions options, TableSizes? sizes = null)
    {
        int full = options.MaximumSize;
        if (sizes is null)
        {
            users = new FullTable(backend, "users", data.UserCount, full);
            items = new FullTable(backend, "items", data.ItemCount, full);
        }
        else
        {
            int width = Math.Min(full, WidthFor(Math.Max(sizes.Users.Width, sizes.Items.Width)));
            users = new BudgetedTable(backend, "users", sizes.Users, width);
            items = new BudgetedTable(backend, "items", sizes.Items, width);
        }

        users.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 0), options.InitialDeviation);
        items.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 1), options.InitialDeviation);
        Backbone = BackboneRegistry.Create(new BackboneInputs(backend, users, items, data.Train, options));
    }

    public Backbone Backbone { get; }

    /// <summary>
    /// Takes the first values of every row of a trained table whose rows are at least as long, and the weights beside it.
    /// </summary>
    public void TakePrefixes(TrainedWeights weights)
    {
        users.TakePrefixes(weights.Table.Users);
        items.TakePrefixes(weights.Table.Items);
        Backbone.UploadDense(weights.Dense);
    }

    /// <summary>
    /// Turns full tables so that the first columns of every row are worth most: what is cut off behind them is then missed
    /// least. All scores stay the same, but for rounding. Nothing happens where the backbone's scores would change.
    /// </summary>
    public void TurnToPrincipalAxes()
    {
        using var axes = Backbone.PrincipalAxes();
        if (axes is null)
            return;
        foreach (var table in new[] { users, items }.OfType<FullTable>())
            table.Multiply(axes);
    }

    /// <summary>The weights as they are served.</summary>
    public TrainedWeights Pack(TableOrigin origin) =>
        new(new PackedTable(users.Pack(), items.Pack(), origin), Backbone.DownloadDense());

    public void Dispose()
    {
        Backbone.Dispose();
        users.Dispose();
        items.Dispose();
    }

    private static int WidthFor(int widest) => (widest + WidthStep - 1) / WidthStep * WidthStep;
}
