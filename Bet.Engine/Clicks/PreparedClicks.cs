using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>Samples that a model can be trained on or judged by.</summary>
/// <param name="Labels">0 or 1, [n].</param>
/// <param name="Numbers">[n, D] row-major, transformed: finite, of a scale that a layer can take.</param>
/// <param name="Categories">[n, F] row-major, each below its field's <see cref="PreparedField.Categories"/>.</param>
public sealed record ClickRows(byte[] Labels, float[] Numbers, int[] Categories)
{
    public int Count => Labels.Length;
}

/// <summary>
/// A field's categories as models know them: in order of falling frequency in the training part, so that number 0 is the
/// most frequent; the last number stands for all that are rare or new.
/// </summary>
/// <param name="Name">The column's.</param>
/// <param name="Ids">Raw ids of the numbers below the last.</param>
/// <param name="Frequencies">Samples of the training part, [Categories]; the last is that of the rare ones together.</param>
public sealed record PreparedField(string Name, IdList Ids, int[] Frequencies)
{
    /// <summary>Numbers in use, that of the rare ones included.</summary>
    public int Categories => Frequencies.Length;
}

/// <summary>Click data split, numbered and transformed.</summary>
public sealed record PreparedClicks
{
    /// <summary>Names of the numeric columns, [D].</summary>
    public required IReadOnlyList<string> NumberNames { get; init; }

    /// <summary>How the numbers were transformed, [D]; empty where they never stood in a file.</summary>
    public IReadOnlyList<NumberScale> Scales { get; init; } = [];

    /// <summary>[F].</summary>
    public required IReadOnlyList<PreparedField> Fields { get; init; }

    /// <summary>n of each field.</summary>
    public int[] Categories => [.. Fields.Select(each => each.Categories)];

    public required ClickRows Train { get; init; }

    public required ClickRows Validation { get; init; }

    public required ClickRows Test { get; init; }

    /// <summary>SHA-256 over the split and the numbering, in lower-case hexadecimal.</summary>
    public required string SplitHash { get; init; }
}
