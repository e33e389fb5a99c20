namespace Bet.Engine.Clicks;

/// <summary>
/// How the first file of click data was understood. A column is named by its header, or by its position from 1 where there is
/// no header.
/// </summary>
public sealed record ClickReading
{
    public required ClickKind Format { get; init; }

    /// <summary>One character, or tab or space.</summary>
    public required string Delimiter { get; init; }

    /// <summary>The first line names the columns.</summary>
    public required bool Header { get; init; }

    public required string LabelColumn { get; init; }

    /// <summary>Null where no time was read.</summary>
    public string? TimeColumn { get; init; }
}
