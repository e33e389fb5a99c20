namespace Bet.Engine.Fields;

/// <summary>
/// A cut of the categories 0, 1, ... into cells: category x is in cell (x div <paramref name="Divisor"/>) mod
/// <paramref name="Cells"/>, in whole numbers of 64 bits. All families that the paper names are of this form (Shi, Mudigere,
/// Naumov and Yang, KDD 2020, section 3): a row each, remainder, quotient, the digits of a mixed radix, and the remainders
/// by numbers without a common divisor.
/// </summary>
/// <param name="Divisor">At least 1.</param>
/// <param name="Cells">At least 1.</param>
public readonly record struct Partition(long Divisor, long Cells)
{
    /// <summary>The cell of a category that is at least 0.</summary>
    public long CellOf(long category) => category / Divisor % Cells;
}
