using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// Click data as it was read: n samples with a label, D numbers and a category in each of F fields. Categories are numbered
/// by first appearance, field by field; an empty field is a category too, of the id "".
/// </summary>
public sealed record ClickSet
{
    /// <summary>Names of the numeric columns, [D].</summary>
    public required IReadOnlyList<string> NumberNames { get; init; }

    /// <summary>Names of the categorical columns, [F].</summary>
    public required IReadOnlyList<string> FieldNames { get; init; }

    /// <summary>0 or 1, [n].</summary>
    public required byte[] Labels { get; init; }

    /// <summary>[n, D] row-major, as they stand in the file; NaN where there is none.</summary>
    public required float[] Numbers { get; init; }

    /// <summary>[n, F] row-major.</summary>
    public required int[] Categories { get; init; }

    /// <summary>Raw ids by number, for every field.</summary>
    public required IReadOnlyList<IdList> Ids { get; init; }

    /// <summary>Rising numbers to split by, [n]; null where only the order of the file is known.</summary>
    public long[]? Times { get; init; }

    /// <summary>Samples from this one on belong to the given test part; null where the data came in one part.</summary>
    public int? TestStart { get; init; }

    /// <summary>How its files were understood; null for a set that was not read from text. <see cref="ClickSetFile"/> has none.</summary>
    public ClickReading? Reading { get; init; }

    public int Count => Labels.Length;
}
