namespace Bet.Engine.Clicks;

/// <summary>A numeric column.</summary>
/// <param name="Name">The column's.</param>
/// <param name="MissingShare">Samples without a number, in [0, 1].</param>
public sealed record ClickNumberSummary(string Name, double MissingShare);

/// <summary>A categorical column.</summary>
/// <param name="Name">The column's.</param>
/// <param name="Categories">Different ids, the empty one included.</param>
public sealed record ClickFieldSummary(string Name, int Categories);

/// <summary>What click data hold, for people and for checks before a search.</summary>
public sealed record ClickSummary
{
    /// <summary>Train and test parts together.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows of the given test part; 0 where there is none.</summary>
    public required int TestRows { get; init; }

    /// <summary>Share of label 1 among all rows, in [0, 1].</summary>
    public required double PositiveShare { get; init; }

    public required IReadOnlyList<ClickNumberSummary> Numbers { get; init; }

    public required IReadOnlyList<ClickFieldSummary> Fields { get; init; }

    public required bool HasTimes { get; init; }

    public required bool HasTestPart { get; init; }

    /// <summary>How the files were understood; null where they are not known, as of data sets of earlier versions.</summary>
    public ClickReading? Reading { get; init; }

    /// <summary>Categories of all fields together: rows of tables with a row each.</summary>
    public long Categories => Fields.Sum(summary => (long)summary.Categories);

    public static ClickSummary Of(ClickSet set)
    {
        int width = set.NumberNames.Count;
        var missing = new int[width];
        for (int row = 0; row < set.Count; row++)
        {
            for (int column = 0; column < width; column++)
                missing[column] += float.IsNaN(set.Numbers[(row * width) + column]) ? 1 : 0;
        }

        double rows = Math.Max(1, set.Count);
        return new ClickSummary
        {
            Rows = set.Count,
            TestRows = set.Count - (set.TestStart ?? set.Count),
            PositiveShare = set.Labels.AsSpan().Count((byte)1) / rows,
            Numbers = [.. missing.Select((count, column) => new ClickNumberSummary(set.NumberNames[column], count / rows))],
            Fields = [.. set.Ids.Select((ids, field) => new ClickFieldSummary(set.FieldNames[field], ids.Count))],
            HasTimes = set.Times is not null,
            HasTestPart = set.TestStart is not null,
            Reading = set.Reading,
        };
    }
}
