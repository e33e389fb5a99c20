using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// Generated click data as models take them, without text, files or ids: for tests of scale, where the fields have more
/// categories than rows can show. A category's number is its rank, so numbers stand in the order of the frequencies to
/// be expected, and every category of the options has one, seen or not. Any rows can be drawn, in any order and by any
/// number of threads; what is kept is independent of rows and categories.
/// </summary>
public sealed class SyntheticClickRows
{
    private const int SampleRows = 4096;

    private readonly SyntheticClickModel model;
    private readonly SyntheticClickOptions options;

    /// <param name="options">Their number of rows does not matter here.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public SyntheticClickRows(SyntheticClickOptions options)
    {
        this.options = options;
        model = new SyntheticClickModel(options);
        var numbers = new float[SampleRows * model.Numbers];
        var rows = new int[SampleRows];
        var ranks = new int[model.Fields];
        for (int row = 0; row < SampleRows; row++)
        {
            rows[row] = row;
            model.Draw(row, ranks, numbers.AsSpan(row * model.Numbers, model.Numbers), out _);
        }

        Scales = NumberScale.Fit(model.NumberNames, numbers, rows);
    }

    /// <summary>How the numbers are transformed, [D]: means and deviations of the first 4096 rows.</summary>
    public IReadOnlyList<NumberScale> Scales { get; }

    /// <summary>Categories of each field, [F].</summary>
    public IReadOnlyList<int> Categories => options.Categories;

    /// <summary>Draws rows into given memory.</summary>
    /// <param name="first">The first row, at least 0.</param>
    /// <param name="labels">[n].</param>
    /// <param name="numbers">[n, D] row-major.</param>
    /// <param name="categories">[n, F] row-major.</param>
    /// <param name="probabilities">The probability of label 1 that each was drawn with, [n]; empty if not asked for.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Fill(
        long first, Span<byte> labels, Span<float> numbers, Span<int> categories, Span<double> probabilities = default)
    {
        int n = labels.Length;
        if (first < 0)
            throw new ArgumentException($"Rows begin with 0, not with {first}.");
        if (numbers.Length != (long)n * model.Numbers || categories.Length != (long)n * model.Fields
            || (probabilities.Length != 0 && probabilities.Length != n))
        {
            throw new ArgumentException(
                $"SyntheticClickRows: {n} labels need {(long)n * model.Numbers} numbers, {(long)n * model.Fields} categories "
                + $"and 0 or {n} probabilities, not {numbers.Length}, {categories.Length} and {probabilities.Length}");
        }

        for (int row = 0; row < n; row++)
        {
            var own = numbers.Slice(row * model.Numbers, model.Numbers);
            labels[row] = model.Draw(first + row, categories.Slice(row * model.Fields, model.Fields), own, out double probability);
            for (int column = 0; column < own.Length; column++)
                own[column] = Scales[column].Of(own[column]);
            if (probabilities.Length > 0)
                probabilities[row] = probability;
        }
    }

    /// <summary>The rows [first, first + count).</summary>
    /// <exception cref="ArgumentException">They are more than arrays hold, or begin below 0.</exception>
    public ClickRows Take(long first, int count)
    {
        if (count < 0 || (long)count * Math.Max(model.Numbers, model.Fields) > Array.MaxLength)
            throw new ArgumentException($"{count} rows of {model.Numbers} numbers and {model.Fields} categories do not fit arrays.");
        var rows = new ClickRows(new byte[count], new float[count * model.Numbers], new int[count * model.Fields]);
        Fill(first, rows.Labels, rows.Numbers, rows.Categories);
        return rows;
    }

    /// <summary>
    /// Three parts of consecutive rows. Frequencies are counted in the training part: 4 bytes a category, and zero for
    /// the many that it does not have; they fall in expectation only. Lists of ids are empty.
    /// </summary>
    /// <exception cref="ArgumentException">As for <see cref="Take"/>.</exception>
    public PreparedClicks Prepare(int train, int validation, int test)
    {
        var rows = Take(0, train);
        var frequencies = Categories.Select(size => new int[size]).ToArray();
        for (int place = 0; place < rows.Categories.Length; place++)
            frequencies[place % model.Fields][rows.Categories[place]]++;
        IdList none = [];
        var clicks = new PreparedClicks
        {
            NumberNames = model.NumberNames,
            Scales = Scales,
            Fields = [.. model.FieldNames.Select((name, field) => new PreparedField(name, none, frequencies[field]))],
            Train = rows,
            Validation = Take(train, validation),
            Test = Take((long)train + validation, test),
            SplitHash = "",
        };
        return clicks with { SplitHash = ClickSplitHash.Of(clicks) };
    }
}
