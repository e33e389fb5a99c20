using System.Globalization;
using Bet.Engine.Compute;

namespace Bet.Engine.Clicks;

/// <summary>
/// The hidden model of generated click data. Every row and every category comes from counters alone, so nothing is kept
/// of either, and any row can be drawn by itself.
/// <list type="bullet">
/// <item>The category of rank r = 0, 1, ... has about the weight (r + 1)^-1.1 (Zipf), by the inverse of its integral.</item>
/// <item>A category has an effect and 3 factors, uniform of variance 1. The score of a row is the sum of the effects
/// over sqrt(F), plus the sum of the inner products of the factors of every two fields over the square root of three
/// times the number of pairs, plus 0.7 times the weighted numbers over sqrt(D).</item>
/// <item>Number d is the whole part of exp(1.2 z + 1.5), less 1, for a normal z; it is missing in 0, 5, 10 or 15 % of
/// the rows (d mod 4) and then has no part in the score.</item>
/// <item>Scores are shifted and scaled so that 4096 rows have the signal and the share of label 1 that was asked for;
/// the label is 1 with the probability of the logistic function.</item>
/// </list>
/// </summary>
internal sealed class SyntheticClickModel
{
    private const int IdBytes = 8;
    private const int Factors = 3;
    private const int SampleRows = 4096;
    private const int Bisections = 50;
    private const double NumberShare = 0.7;

    // Streams of RandomPurpose.Generate; those below belong to interactions.
    private const uint FirstStream = 0xC0000000;
    private const uint CategoryStream = FirstStream;
    private const uint NumberStream = FirstStream + 1;
    private const uint MissingStream = FirstStream + 2;
    private const uint LabelStream = FirstStream + 3;
    private const uint WeightStream = FirstStream + 4;
    private const uint FirstField = FirstStream + 16;

    private readonly int[] sizes;

    /// <summary>1 - (size + 1)^-0.1: what the integral of (x + 1)^-1.1 over all ranks has grown by.</summary>
    private readonly double[] masses;
    private readonly double[] weights;
    private readonly Philox[] streams;
    private readonly Philox[] effects;
    private readonly double shift;
    private readonly double scale = 1;

    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public SyntheticClickModel(SyntheticClickOptions options)
    {
        options.Validate();
        Philox Stream(uint stream) => new(options.Seed, RandomPurpose.Generate, stream);
        sizes = [.. options.Categories];
        masses = Array.ConvertAll(sizes, size => 1 - Math.Pow(size + 1.0, -0.1));
        streams = [Stream(CategoryStream), Stream(NumberStream), Stream(MissingStream), Stream(LabelStream)];
        effects = [.. sizes.Select((_, field) => Stream(FirstField + (uint)field))];
        weights = [.. Enumerable.Range(0, options.Numbers).Select(column => Stream(WeightStream).Normals((ulong)column).First)];
        (shift, scale) = Calibrate(options);
    }

    public int Fields => sizes.Length;

    public int Numbers => weights.Length;

    public string[] NumberNames => [.. Enumerable.Range(1, Numbers).Select(number => $"i{number}")];

    public string[] FieldNames => [.. Enumerable.Range(1, Fields).Select(number => $"c{number}")];

    /// <summary>Draws a row: its ranks [F] and numbers [D], NaN where missing, and the probability of label 1.</summary>
    public byte Draw(long row, Span<int> ranks, Span<float> numbers, out double probability)
    {
        probability = 1 / (1 + Math.Exp(-shift - (scale * Score(row, ranks, numbers))));
        return (byte)(streams[3].Uniform((ulong)row) < probability ? 1 : 0);
    }

    /// <summary>The id of a category, 8 hex digits, different for every rank of a field; "" for rank 1 of every fourth field.</summary>
    public ReadOnlySpan<byte> Id(int field, int rank, Span<byte> destination)
    {
        if (field % 4 == 3 && rank == 1)
            return [];
        uint word = (uint)rank ^ effects[field].Block(ulong.MaxValue).A;
        word = (word ^ (word >> 16)) * 0x85EBCA6B;
        word = (word ^ (word >> 13)) * 0xC2B2AE35;
        word ^= word >> 16;
        word.TryFormat(destination, out int written, "x8", CultureInfo.InvariantCulture);
        return destination[..written];
    }

    public static byte[] IdBuffer() => new byte[IdBytes];

    private double Score(long row, Span<int> ranks, Span<float> numbers)
    {
        double score = 0;
        for (int column = 0; column < numbers.Length; column++)
        {
            ulong position = ((ulong)row * (uint)numbers.Length) + (uint)column;
            bool missing = column % 4 > 0 && streams[2].Uniform(position) < 0.05 * (column % 4);
            double normal = streams[1].Normals(position).First;
            numbers[column] = missing ? float.NaN : (float)(Math.Floor(Math.Exp((1.2 * normal) + 1.5)) - 1);
            score += missing ? 0 : weights[column] * normal;
        }

        score *= NumberShare / Math.Sqrt(Math.Max(1, numbers.Length));
        return score + ScoreOfCategories(row, ranks);
    }

    /// <summary>The products of all pairs of fields are half of |sum|^2 less the sum of |factors|^2.</summary>
    private double ScoreOfCategories(long row, Span<int> ranks)
    {
        double main = 0, own = 0;
        double first = 0, second = 0, third = 0;
        for (int field = 0; field < ranks.Length; field++)
        {
            double uniform = streams[0].Uniform(((ulong)row * (uint)ranks.Length) + (uint)field);
            ranks[field] = Math.Min(Rank(1 - (uniform * masses[field])), sizes[field] - 1);
            var (a, b, c, d) = effects[field].Block((ulong)ranks[field]);
            var (x, y, z) = (Centred(b), Centred(c), Centred(d));
            main += Centred(a);
            own += (x * x) + (y * y) + (z * z);
            first += x;
            second += y;
            third += z;
        }

        double pairs = 0.5 * ((first * first) + (second * second) + (third * third) - own);
        double count = 0.5 * ranks.Length * (ranks.Length - 1.0);
        return (main / Math.Sqrt(Math.Max(1, ranks.Length))) + (pairs / Math.Sqrt(Factors * Math.Max(1, count)));
    }

    /// <summary>x^-10 - 1, rounded down: the inverse of 1 - (rank + 1)^-0.1.</summary>
    private static int Rank(double rest)
    {
        double square = rest * rest;
        double fourth = square * square;
        return (int)Math.Min(int.MaxValue, (1 / (fourth * fourth * square)) - 1);
    }

    /// <summary>A word as a uniform number of mean 0 and variance 1.</summary>
    private static double Centred(uint word) => ((word + 0.5) / 2147483648.0 - 1) * 1.7320508075688772;

    private (double Shift, double Scale) Calibrate(SyntheticClickOptions options)
    {
        var scores = new double[SampleRows];
        var ranks = new int[Fields];
        var numbers = new float[Numbers];
        for (int row = 0; row < SampleRows; row++)
            scores[row] = Score(row, ranks, numbers);
        double mean = scores.Average();
        double deviation = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
        double factor = deviation > 0 ? options.Signal / deviation : 0;
        double low = -50 - (Math.Abs(mean) * factor);
        double high = -low;
        for (int step = 0; step < Bisections; step++)
        {
            double middle = (low + high) / 2;
            if (scores.Average(score => 1 / (1 + Math.Exp(-middle - (factor * score)))) < options.PositiveShare)
                low = middle;
            else
                high = middle;
        }

        return (low, factor);
    }
}
