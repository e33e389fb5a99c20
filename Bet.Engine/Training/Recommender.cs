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

    private readonly Backend backend;
    private readonly TableShape? shape;
    private readonly ulong seed;
    private readonly EmbeddingTable users;
    private readonly EmbeddingTable items;

    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="data">Its users, its items and its training part.</param>
    /// <param name="options">Which backbone.</param>
    /// <param name="shape">How the tables are stored; null for full tables.</param>
    public Recommender(Backend backend, PreparedDataset data, BackboneOptions options, TableShape? shape = null)
    {
        this.backend = backend;
        this.shape = shape;
        seed = options.Seed;
        int full = options.MaximumSize;
        if (shape is null)
        {
            users = new FullTable(backend, "users", data.UserCount, full);
            items = new FullTable(backend, "items", data.ItemCount, full);
        }
        else
        {
            int width = WidthOf(shape, full);
            users = shape.Users.Create(backend, "users", width);
            items = shape.Items.Create(backend, "items", width);
        }

        users.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 0), options.InitialDeviation);
        items.Initialise(new Philox(options.Seed, RandomPurpose.Initialise, 1), options.InitialDeviation);
        Backbone = BackboneRegistry.Create(new BackboneInputs(backend, users, items, data.Train, options));
    }

    /// <summary>Served tables, with the weights beside them: what is downloaded, ready to rank with.</summary>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="data">Its training part.</param>
    /// <param name="options">The backbone that the weights belong to.</param>
    /// <param name="weights">What was trained.</param>
    public Recommender(Backend backend, PreparedDataset data, BackboneOptions options, TrainedWeights weights)
    {
        this.backend = backend;
        int width = WidthOf(weights.Table.Shape, options.MaximumSize);
        users = new ServedTable(backend, "users", weights.Table.Users, width);
        items = new ServedTable(backend, "items", weights.Table.Items, width);
        Backbone = BackboneRegistry.Create(new BackboneInputs(backend, users, items, data.Train, options));
        Backbone.UploadDense(weights.Dense);
    }

    public Backbone Backbone { get; }

    /// <summary>
    /// Takes the first values of every row of a trained table whose rows are at least as long, and the weights beside it.
    /// Where they begin on even axes, the columns that all rows have are turned to such.
    /// </summary>
    public void TakePrefixes(TrainedWeights weights)
    {
        users.TakePrefixes(weights.Table.Users);
        items.TakePrefixes(weights.Table.Items);
        Backbone.UploadDense(weights.Dense);
        if (shape is { Axes: ColumnAxes.Even, Users: SideSizes ofUsers, Items: SideSizes ofItems })
        {
            var random = new Philox(seed, RandomPurpose.EvenAxes);
            Turn(
                Math.Min(ofUsers.LeastSize, ofItems.LeastSize), GramMatrix.OfBoth(backend, users.OwnValues!, items.OwnValues!),
                (gram, size) => EvenAxes.Of(gram, size, random));
        }
    }

    /// <summary>
    /// Turns full tables so that the first columns of every row are worth most: what is cut off behind them is then missed
    /// least. All scores stay the same, but for rounding. Nothing happens where the backbone's scores would change.
    /// </summary>
    public void TurnToPrincipalAxes()
    {
        if (users is FullTable && items is FullTable && Backbone.TurnableColumns.Count > 0)
            Turn(users.Width, Backbone.Gram(), (gram, size) => PrincipalAxes.Of(gram, size));
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

    /// <summary>Turns the first columns of both tables; see <see cref="ColumnRotation.Of"/>.</summary>
    private void Turn(int size, double[] gram, Func<double[], int, double[]> axesOf)
    {
        int width = users.Width;
        float[] turn = ColumnRotation.Of(Backbone.TurnableColumns, size, gram, width, axesOf);
        using var rotation = backend.Allocate(width, width);
        backend.Upload(turn, rotation);
        foreach (var values in new[] { users.OwnValues!, items.OwnValues! })
        {
            using var turned = backend.Allocate(values.Rows, width);
            backend.Gemm(false, false, 1, values, rotation, 0, turned);
            backend.Axpby(1, turned, 0, values);
        }

        Backbone.FollowTurn(turn);
    }

    private static int WidthOf(TableShape shape, int full)
    {
        int widest = Math.Max(shape.Users.Width, shape.Items.Width);
        return Math.Min(full, (widest + WidthStep - 1) / WidthStep * WidthStep);
    }
}
