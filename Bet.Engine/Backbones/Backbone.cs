using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Backbones;

/// <summary>
/// One training batch: user i had positive i; both [b]. Negatives are [b], one an interaction, or fewer that all share.
/// </summary>
/// <param name="Step">Steps taken before this one, which randomness inside a model is drawn by.</param>
/// <param name="Owned">
/// Where negatives are shared: for every interaction a bit a negative, [b, ceil(K / 32)] words, set where the user has
/// that item in train. Null where every interaction has a negative of its own.
/// </param>
public readonly record struct Batch(int Step, Ids Users, Ids Positives, Ids Negatives, Ids? Owned = null);

/// <summary>What squared norms weigh in a loss; docs/decisions/2026-11-23-decay-of-what-is-scored.md says why there are two.</summary>
/// <param name="Rows">Of the tables' rows: the request's <c>l2</c>.</param>
/// <param name="Representations">
/// Of what the scores are products of, which for LightGCN is a row with its neighbours'; before they are normalised for a cosine. The
/// request's <c>representationL2</c>.
/// </param>
public readonly record struct L2Weights(float Rows, float Representations = 0);

/// <summary>Which backbone, and its own numbers; stored with the result.</summary>
public sealed record BackboneOptions
{
    /// <summary>A name of <see cref="BackboneRegistry"/>.</summary>
    public required string Name { get; init; }

    /// <summary>d_max: layers beside the tables have widths that follow from it, however narrow the tables are.</summary>
    public required int MaximumSize { get; init; }

    /// <summary>Propagation layers, where the backbone has any.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>How many of a row's values, its last, are those of NeuMF's tower; null for an eighth of <see cref="MaximumSize"/>.</summary>
    public int? TowerSize { get; init; }

    /// <summary>Whether the score is the cosine of the representations; see <see cref="LossOptions.Cosine"/>.</summary>
    public bool Cosine { get; init; }

    /// <summary>Share of the values of a layer's messages that training drops at random (NGCF).</summary>
    public float MessageDropout { get; init; }

    /// <summary>Share of the nodes whose outgoing messages training drops at random (NGCF).</summary>
    public float NodeDropout { get; init; }

    /// <summary>
    /// Standard deviation of the tables' first values, positive. Rows that training hardly moves keep what they began
    /// with, which is noise in every score.
    /// </summary>
    public float InitialDeviation { get; init; } = 0.1f;

    /// <summary>
    /// How training reads neighbours' rows where it propagates them (LightGCN); what is evaluated and served is float32.
    /// </summary>
    public GatherPrecision TrainingGathers { get; init; } = GatherPrecision.Bfloat16;

    /// <summary>Of all first values and of dropout.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What a backbone is made of: nothing of how the tables are stored.</summary>
/// <param name="Backend">Where it is computed.</param>
/// <param name="Users">The users' table.</param>
/// <param name="Items">The items' table; of the users' width.</param>
/// <param name="Train">The training part, for backbones that propagate over its graph.</param>
/// <param name="Options">Layers, dropout, seed.</param>
public sealed record BackboneInputs(
    Backend Backend, EmbeddingTable Users, EmbeddingTable Items, Interactions Train, BackboneOptions Options);

/// <summary>A recommender over two embedding tables. It owns neither the tables nor the backend.</summary>
public abstract class Backbone(BackboneInputs inputs) : IDisposable
{
    public EmbeddingTable Users { get; } = inputs.Users;

    public EmbeddingTable Items { get; } = inputs.Items;

    /// <summary>Trained weights beside the tables.</summary>
    public virtual IReadOnlyList<Parameter> DenseParameters => [];

    /// <summary>Everything that is trained.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. Users.Parameters, .. Items.Parameters, .. DenseParameters];

    /// <summary>Records its training steps; ranking uses it in between, so that both share their buffers.</summary>
    public Tape Tape { get; } = new(inputs.Backend);

    private protected Backend Backend { get; } = inputs.Backend;

    /// <summary>
    /// Records the loss of one batch on the tape, and the squared norms of the batch's rows of the tables and of what represents
    /// them in a score, each weighted by its share of <paramref name="l2"/> over 2 and the number of rows.
    /// </summary>
    /// <exception cref="NotSupportedException">Representations have a weight in a backbone whose score is a network's.</exception>
    public abstract void RecordLoss(Batch batch, RankingLoss loss, L2Weights l2);

    /// <summary>
    /// Groups of the tables' columns. Within each, all rows of both tables may be turned by one rotation: the scores stay the
    /// same, once <see cref="FollowTurn"/> was told.
    /// </summary>
    public virtual IReadOnlyList<ColumnRange> TurnableColumns => [];

    /// <summary>
    /// The Gram matrix of the columns as the scores see them, [width, width], row-major, either side counting as much as the
    /// other; of tables whose rows have values of their own.
    /// </summary>
    public virtual double[] Gram() => GramMatrix.OfBoth(Backend, Users.OwnValues!, Items.OwnValues!);

    /// <summary>Every row x of both tables became x R; weights that the columns of the tables are multiplied by follow.</summary>
    /// <param name="rotation">R, [width, width], row-major: see <see cref="TurnableColumns"/>.</param>
    public virtual void FollowTurn(float[] rotation)
    {
    }

    /// <summary>Computes what <see cref="Rank"/> needs from the weights as they are now. Call after any change of them.</summary>
    public abstract void PrepareRanking();

    /// <summary>
    /// For every user the k best items, best first; see <see cref="Backend.TopK"/> for exclusions and result.
    /// </summary>
    public abstract void Rank(Ids users, Ids excludedOffsets, Ids excludedItems, int k, Ids result);

    /// <summary>The weights beside the tables, as they are now.</summary>
    public IReadOnlyList<DenseWeight> DownloadDense() => [.. DenseParameters.Select(parameter =>
    {
        var values = new float[parameter.Value.Length];
        Backend.Download(parameter.Value, values);
        return new DenseWeight(parameter.Name, parameter.Value.Rows, parameter.Value.Columns, values);
    })];

    /// <summary>
    /// Takes weights of a backbone whose tables are at least as wide: of each the first rows and columns, as what follows
    /// belongs to columns that these tables do not have.
    /// </summary>
    /// <exception cref="ArgumentException">A weight is missing or too small.</exception>
    public void UploadDense(IReadOnlyList<DenseWeight> weights)
    {
        foreach (var parameter in DenseParameters)
        {
            var (rows, columns) = (parameter.Value.Rows, parameter.Value.Columns);
            var weight = weights.FirstOrDefault(weight => weight.Name == parameter.Name)
                ?? throw new ArgumentException($"there is no weight '{parameter.Name}' among {string.Join(", ", weights.Select(w => w.Name))}");
            if (weight.Rows < rows || weight.Columns < columns)
                throw new ArgumentException($"{weight.Name} is {weight.Rows} x {weight.Columns}, {rows} x {columns} is needed");
            var values = new float[parameter.Value.Length];
            for (int row = 0; row < rows; row++)
                weight.Values.AsSpan(row * weight.Columns, columns).CopyTo(values.AsSpan(row * columns));
            Backend.Upload(values, parameter.Value);
        }
    }

    public virtual void Dispose()
    {
        Tape.Dispose();
        foreach (var parameter in DenseParameters)
            parameter.Dispose();
    }

    /// <summary>Part of every <see cref="RecordLoss"/>, recorded first: its gradients are then added last, row by row.</summary>
    private protected void RecordSquaredNorms(Batch batch, float l2)
    {
        if (l2 == 0)
            return;
        RecordSquaredNorm(Users, batch.Users, l2);
        RecordSquaredNorm(Items, batch.Positives, l2);
        RecordSquaredNorm(Items, batch.Negatives, l2);
    }

    /// <summary>
    /// A trained weight [rows, columns] with uniform first values of Glorot's width, sqrt(6 / (inputs + outputs)).
    /// </summary>
    private protected Parameter DenseWeightOf(string name, int rows, int columns, uint stream, ulong seed)
    {
        var parameter = new Parameter(Backend, name, rows, columns);
        float bound = MathF.Sqrt(6f / (rows + columns));
        Backend.FillUniform(new Philox(seed, RandomPurpose.InitialiseDense, stream), -bound, bound, parameter.Value);
        return parameter;
    }

    private void RecordSquaredNorm(EmbeddingTable table, Ids rows, float l2) =>
        Tape.SquaredNorm(l2 / (2 * rows.Count), table.SomeRows(Tape, rows));
}
