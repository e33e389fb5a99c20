using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>Collects samples and numbers their categories by first appearance.</summary>
/// <param name="numberNames">[D].</param>
/// <param name="fieldNames">[F].</param>
/// <param name="timed">Samples have times.</param>
/// <param name="limit">Samples that are taken at most; fewer where arrays would hold fewer.</param>
internal sealed class ClickBuilder(string[] numberNames, string[] fieldNames, bool timed, int limit)
{
    private readonly IdMap[] ids = [.. fieldNames.Select(_ => new IdMap())];
    private readonly RowChunks<byte> labels = new(1);
    private readonly RowChunks<float> numbers = new(numberNames.Length);
    private readonly RowChunks<int> categories = new(fieldNames.Length);
    private readonly RowChunks<long> times = new(1);
    private readonly int most = Math.Min(limit, Array.MaxLength / Math.Max(1, Math.Max(numberNames.Length, fieldNames.Length)));
    private int? testStart;

    public string[] NumberNames => numberNames;

    public string[] FieldNames => fieldNames;

    public bool Timed => timed;

    public int Count => labels.Count;

    /// <summary>Samples of label 1, those of a test part left out.</summary>
    public int TrainPositives { get; private set; }

    /// <summary>Samples before the test part.</summary>
    public int TrainCount => testStart ?? Count;

    /// <summary>What is added from here on belongs to the given test part.</summary>
    public void BeginTest() => testStart ??= Count;

    /// <summary>The number of a category; a new one for an id that the field never had.</summary>
    public int Category(int field, ReadOnlySpan<byte> id) => ids[field].Add(id);

    /// <summary>Adds a sample, whose numbers [D] and categories [F] the caller fills; false if the limit is reached.</summary>
    public bool TryAdd(byte label, long time, out Span<float> numbersOf, out Span<int> categoriesOf)
    {
        numbersOf = default;
        categoriesOf = default;
        if (Count == most)
            return false;
        labels.Add()[0] = label;
        if (timed)
            times.Add()[0] = time;
        if (testStart is null)
            TrainPositives += label;
        numbersOf = numbers.Add();
        categoriesOf = categories.Add();
        return true;
    }

    /// <summary>The builder is empty afterwards.</summary>
    public ClickSet Build() => new()
    {
        NumberNames = numberNames,
        FieldNames = fieldNames,
        Labels = labels.Take(),
        Numbers = numbers.Take(),
        Categories = categories.Take(),
        Ids = [.. ids.Select(map => map.ToList())],
        Times = timed ? times.Take() : null,
        TestStart = testStart,
    };
}
