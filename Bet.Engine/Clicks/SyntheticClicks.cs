using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// Generates click data with a known structure: fields of Zipf-like frequencies, numbers with gaps, and labels from a
/// logistic model over hidden effects of categories, their products over pairs of fields, and numbers. What each
/// category does can be learnt from the rows that have it, so embeddings beat the base rate, and pairs beat effects
/// alone. Ids are 8 hex digits, in every fourth field also "". Memory of a text is one row.
/// </summary>
public static class SyntheticClicks
{
    private const byte Tab = (byte)'\t';
    private const byte LineEnd = (byte)'\n';

    private delegate void SyntheticRow(byte label, ReadOnlySpan<float> numbers, ReadOnlySpan<int> ranks);

    /// <summary>All rows in memory, as reading them from <see cref="WriteCriteo"/>'s text would give them.</summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static ClickSet Generate(SyntheticClickOptions options)
    {
        var model = new SyntheticClickModel(options);
        var builder = new ClickBuilder(model.NumberNames, model.FieldNames, timed: false, options.Rows);
        var id = SyntheticClickModel.IdBuffer();
        ForEachRow(model, options.Rows, (label, numbers, ranks) =>
        {
            if (!builder.TryAdd(label, 0, out var numbersOf, out var categoriesOf))
                throw new ArgumentException($"{options.Rows} rows are more than a set can have.");
            numbers.CopyTo(numbersOf);
            for (int field = 0; field < ranks.Length; field++)
                categoriesOf[field] = builder.Category(field, model.Id(field, ranks[field], id));
        });
        return builder.Build();
    }

    /// <summary>The rows as text of <see cref="ClickKind.Criteo"/>.</summary>
    /// <exception cref="ArgumentException">The options make no sense, or are not of 13 numbers and 26 fields.</exception>
    public static void WriteCriteo(SyntheticClickOptions options, Stream stream)
    {
        if (options.Numbers != ClickColumns.Criteo.Numbers.Length || options.Categories.Count != ClickColumns.Criteo.Fields.Length)
            throw new ArgumentException($"Criteo's format has 13 numbers and 26 fields, not {options.Numbers} and {options.Categories.Count}.");
        Write(new SyntheticClickModel(options), options.Rows, stream, header: false);
    }

    /// <summary>
    /// The rows as text between tabs, with a header: label, i1, i2, ... (numbers), c1, c2, ... (categories).
    /// </summary>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static void WriteDelimited(SyntheticClickOptions options, Stream stream) =>
        Write(new SyntheticClickModel(options), options.Rows, stream, header: true);

    private static void Write(SyntheticClickModel model, int rows, Stream stream, bool header)
    {
        using var writer = new Utf8Writer(stream);
        if (header)
        {
            string[] names = ["label", .. model.NumberNames, .. model.FieldNames];
            writer.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\t', names)));
            writer.Write(LineEnd);
        }

        var id = SyntheticClickModel.IdBuffer();
        ForEachRow(model, rows, (label, numbers, ranks) =>
        {
            writer.Write((long)label);
            foreach (float number in numbers)
            {
                writer.Write(Tab);
                if (!float.IsNaN(number))
                    writer.Write((long)number);
            }

            for (int field = 0; field < ranks.Length; field++)
            {
                writer.Write(Tab);
                writer.Write(model.Id(field, ranks[field], id));
            }

            writer.Write(LineEnd);
        });
    }

    private static void ForEachRow(SyntheticClickModel model, int rows, SyntheticRow visit)
    {
        var ranks = new int[model.Fields];
        var numbers = new float[model.Numbers];
        for (int row = 0; row < rows; row++)
            visit(model.Draw(row, ranks, numbers, out _), numbers, ranks);
    }
}
