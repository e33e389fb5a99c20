namespace Bet.Engine.Compute;

/// <summary>Columns <c>Start + Step j</c> of a tensor, for j from 0 to <c>Count - 1</c>; the step is 1 or more.</summary>
public readonly record struct ColumnRange(int Start, int Count, int Step = 1)
{
    /// <summary>Whether a tensor of this many columns has all of these.</summary>
    public bool IsWithin(int columns) =>
        Start >= 0 && Count >= 0 && Step >= 1 && (Count == 0 ? Start : Start + ((Count - 1L) * Step) + 1) <= columns;

    /// <summary>The columns, in order.</summary>
    public IEnumerable<int> Columns
    {
        get
        {
            for (int j = 0; j < Count; j++)
                yield return Start + (j * Step);
        }
    }

    public override string ToString() =>
        Step == 1 ? $"{Count} columns from {Start}" : $"{Count} columns from {Start} in steps of {Step}";
}
