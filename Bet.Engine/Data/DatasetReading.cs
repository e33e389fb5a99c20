namespace Bet.Engine.Data;

/// <summary>
/// How the first file of a data set was understood. A column is named by its header, or by its position from 1 where there
/// is no header.
/// </summary>
public sealed record DatasetReading
{
    public required DatasetKind Format { get; init; }

    /// <summary>One character, or tab or space; null where the format has no delimiter.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The first line names the columns.</summary>
    public bool Header { get; init; }

    /// <summary>Null in adjacency lists, whose lines begin with the user.</summary>
    public string? UserColumn { get; init; }

    /// <summary>Null in adjacency lists.</summary>
    public string? ItemColumn { get; init; }

    /// <summary>Null where no rating was looked at.</summary>
    public string? RatingColumn { get; init; }

    /// <summary>Null where no time was read.</summary>
    public string? TimestampColumn { get; init; }

    /// <summary>A delimiter as uploads may say it.</summary>
    internal static string Word(char delimiter) => delimiter switch
    {
        '\t' => "tab",
        ' ' => "space",
        _ => $"{delimiter}",
    };
}
