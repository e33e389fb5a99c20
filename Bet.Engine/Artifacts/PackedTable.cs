using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>Where a table comes from; written into its file.</summary>
/// <param name="Seed">The search's seed.</param>
/// <param name="SplitHash">See <see cref="Data.PreparedDataset.SplitHash"/>.</param>
/// <param name="Budget">What was asked, and the bound that follows from it.</param>
public sealed record TableOrigin(ulong Seed, string SplitHash, MemoryBudget Budget);

/// <summary>The table that is served: users and items, packed.</summary>
/// <param name="Users">Row n is the n-th most frequent user.</param>
/// <param name="Items">Row n is the n-th most frequent item.</param>
public sealed record PackedTable(PackedSide Users, PackedSide Items, TableOrigin Origin)
{
    /// <summary>How it is stored.</summary>
    public TableShape Shape => new(Users.Shape, Items.Shape);

    /// <summary>d_max: values of a full row, on both sides.</summary>
    public int MaximumSize => Users.Shape.MaximumSize;

    /// <summary>Numbers that the table keeps, scales and index left out.</summary>
    public long Values => Shape.Values;

    /// <summary>
    /// What a server must hold to look up any row: the sum of the bytes of the file's tensors, padding left out.
    /// </summary>
    public long ServingBytes => Shape.Bytes;
}
