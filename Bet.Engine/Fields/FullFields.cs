using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>A row for each category, in one precision; its bytes are what they are.</summary>
public sealed class FullFields(Precision precision = Precision.Float32) : FieldMethod("full", "full tables", precision)
{
    public override FieldMethod In(Precision precision) => new FullFields(precision);

    private protected override FieldShape Collided(int categories, int size, int collisions) => Least(categories, size);

    private protected override FieldShape Least(int categories, int size) => FullShape(categories, size);

    private protected override FieldShape[] Fit(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold) =>
        [.. categories.Select(n => LeastAbove(threshold, n, size))];
}
