using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// Divides samples into train, validation and test, numbers the categories of each field by falling frequency in train
/// and transforms numbers as <see cref="NumberScale"/> says. Same set, options and seed: the same split. Every kind but
/// AsGiven puts a given test part together with train first.
/// </summary>
public static class ClickSplitter
{
    /// <param name="set">The samples.</param>
    /// <param name="options">How they are divided.</param>
    /// <param name="seed">Decides the split of kind Random, and nothing else.</param>
    /// <exception cref="ArgumentException">
    /// The options make no sense, the set has no test part where one is needed, there are too few samples, or those of
    /// the training part have all the same label.
    /// </exception>
    public static PreparedClicks Split(ClickSet set, ClickSplitOptions options, ulong seed)
    {
        options.Validate();
        if (options.Kind == ClickSplitKind.AsGiven && set.TestStart is null)
            throw new ArgumentException("Split AsGiven needs click data that came with a test part; these did not: use ByOrder or Random.");
        int divided = options.Kind == ClickSplitKind.AsGiven ? set.TestStart!.Value : set.Count;
        var (train, validation) = options.Kind == ClickSplitKind.AsGiven
            ? Splitter.Sizes(divided, 1 - options.Validation, options.Validation)
            : Splitter.Sizes(divided, options.Train!.Value, options.Validation);
        if (train == 0 || validation == 0)
            throw new ArgumentException($"{divided} samples are too few for a training and a validation part: give a larger share or more data.");
        var order = options.Kind == ClickSplitKind.Random ? AtRandom(set.Count, train, validation, seed) : InOrder(set, divided);
        var positives = 0;
        foreach (int row in order.AsSpan(0, train))
            positives += set.Labels[row];
        if (positives == 0 || positives == train)
            throw new ArgumentException($"All {train} samples of the training part have label {(positives == 0 ? 0 : 1)}: nothing can be learnt from them.");
        return Prepare(set, options.MinimumCount, order.AsSpan(0, train), order.AsSpan(train, validation), order.AsSpan(train + validation));
    }

    /// <summary>
    /// The first <paramref name="divided"/> samples by time, those of one time as they stand, and the others behind them.
    /// </summary>
    private static int[] InOrder(ClickSet set, int divided)
    {
        var order = new int[set.Count];
        for (int row = 0; row < order.Length; row++)
            order[row] = row;
        if (set.Times is null)
            return order;
        var times = set.Times.AsSpan(0, divided).ToArray();
        Array.Sort(times, order, 0, divided);
        for (int first = 0, end; first < divided; first = end)
        {
            for (end = first + 1; end < divided && times[end] == times[first];)
                end++;
            order.AsSpan(first, end - first).Sort();
        }

        return order;
    }

    /// <summary>The samples of the three parts one behind the other, in each as they stand in the set.</summary>
    private static int[] AtRandom(int count, int train, int validation, ulong seed)
    {
        var places = new FeistelPermutation(count, new Philox(seed, RandomPurpose.Split));
        var order = new int[count];
        Span<int> next = [0, train, train + validation];
        for (int row = 0; row < count; row++)
        {
            int place = places[row];
            order[next[place < train ? 0 : place < train + validation ? 1 : 2]++] = row;
        }

        return order;
    }

    private static PreparedClicks Prepare(
        ClickSet set, int minimum, ReadOnlySpan<int> train, ReadOnlySpan<int> validation, ReadOnlySpan<int> test)
    {
        var scales = NumberScale.Fit(set.NumberNames, set.Numbers, train);
        var numberings = FieldNumbering.Of(set, train, minimum);
        var clicks = new PreparedClicks
        {
            NumberNames = set.NumberNames,
            Scales = scales,
            Fields = Array.ConvertAll(numberings, numbering => numbering.Field),
            Train = Take(set, scales, numberings, train),
            Validation = Take(set, scales, numberings, validation),
            Test = Take(set, scales, numberings, test),
            SplitHash = "",
        };
        return clicks with { SplitHash = ClickSplitHash.Of(clicks) };
    }

    private static ClickRows Take(ClickSet set, NumberScale[] scales, FieldNumbering[] numberings, ReadOnlySpan<int> rows)
    {
        var labels = new byte[rows.Length];
        var numbers = new float[rows.Length * scales.Length];
        var categories = new int[rows.Length * numberings.Length];
        for (int place = 0; place < rows.Length; place++)
        {
            int row = rows[place];
            labels[place] = set.Labels[row];
            for (int column = 0; column < scales.Length; column++)
                numbers[(place * scales.Length) + column] = scales[column].Of(set.Numbers[(row * scales.Length) + column]);
            for (int field = 0; field < numberings.Length; field++)
            {
                int old = set.Categories[(row * numberings.Length) + field];
                categories[(place * numberings.Length) + field] = numberings[field].NumberOf[old];
            }
        }

        return new ClickRows(labels, numbers, categories);
    }
}
