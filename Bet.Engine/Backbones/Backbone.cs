using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Backbones;

/// <summary>One training batch: user i had positive i and not negative i; all [b].</summary>
public readonly record struct Batch(Ids Users, Ids Positives, Ids Negatives);

/// <summary>What a backbone is made of, beside the tables: nothing of how they are stored.</summary>
/// <param name="Backend">Where it is computed.</param>
/// <param name="Users">The users' table.</param>
/// <param name="Items">The items' table; of the users' width.</param>
/// <param name="Train">The training part, for backbones that propagate over its graph.</param>
/// <param name="Layers">Propagation layers.</param>
public sealed record BackboneInputs(
    Backend Backend, EmbeddingTable Users, EmbeddingTable Items, Interactions Train, int Layers);

/// <summary>A recommender over two embedding tables. It owns neither the tables nor the backend.</summary>
public abstract class Backbone(EmbeddingTable users, EmbeddingTable items) : IDisposable
{
    public EmbeddingTable Users { get; } = users;

    public EmbeddingTable Items { get; } = items;

    /// <summary>Trained weights beside the tables.</summary>
    public virtual IReadOnlyList<Parameter> DenseParameters => [];

    /// <summary>Everything that is trained.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. Users.Parameters, .. Items.Parameters, .. DenseParameters];

    /// <summary>Records the loss of one batch, the squared norm of its embeddings weighted by <paramref name="l2"/>.</summary>
    public abstract void RecordLoss(Tape tape, Batch batch, float l2);

    /// <summary>Computes what <see cref="Rank"/> needs from the weights as they are now. Call after any change of them.</summary>
    public abstract void PrepareRanking();

    /// <summary>
    /// For every user the k best items, best first; see <see cref="Backend.TopK"/> for exclusions and result.
    /// </summary>
    public abstract void Rank(Ids users, Ids excludedOffsets, Ids excludedItems, int k, Ids result);

    public abstract void Dispose();
}
