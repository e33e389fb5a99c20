using Bet.Engine.Compute;
using Bet.Engine.Fields;

namespace Bet.Engine.ClickSearches;

/// <summary>
/// The action of a search over fields, from which the shapes of all fields' tables under a budget follow; see
/// <see cref="FieldAllocation"/>. Equal by value.
/// </summary>
/// <param name="Precision">How rows are stored.</param>
/// <param name="Method">
/// The way that all fields are stored, a name of <see cref="FieldMethods.All"/>; what follows then says nothing. Null: frequent
/// categories have rows of their own, and the others share a few.
/// </param>
/// <param name="Width">w, values of a row; below d a projection makes d of them.</param>
/// <param name="TailShare">Rows that a field's rare categories share, for each row of a frequent one; at least one row a field.</param>
/// <param name="Weights">
/// [F]: how much a sample of a field is worth, as a logarithm. A category has a row of its own where its samples times
/// exp(weight) are above a threshold that all fields have in common.
/// </param>
public sealed record FieldRecipe(Precision Precision, string? Method, int Width, double TailShare, IReadOnlyList<double> Weights)
{
    /// <summary>What a predictor goes by: numbers of similar spread.</summary>
    public double[] Features =>
    [
        Math.Log2(Precision.Bits()), Math.Log2(Width), Math.Log2(1 + (16 * TailShare)), .. Weights.Select(weight => weight / 2),
        .. Methods.Select(method => method == Method ? 2.0 : 0),
    ];

    /// <summary>The methods that a search tries: all that tell categories apart and are not the beginning of its own.</summary>
    public static IReadOnlyList<string> Methods { get; } = ["features", "quotient-remainder-multiply", "quotient-remainder-add"];

    public bool Equals(FieldRecipe? other) =>
        other is not null && (Precision, Method, Width, TailShare) == (other.Precision, other.Method, other.Width, other.TailShare)
        && Weights.SequenceEqual(other.Weights);

    public override int GetHashCode() => HashCode.Combine(Precision, Method, Width, TailShare, Weights.Aggregate(0, HashCode.Combine));
}
