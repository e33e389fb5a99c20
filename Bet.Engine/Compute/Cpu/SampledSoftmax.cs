using System.Numerics;
using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Softmax of a positive among its negatives, with the gradients in the same pass.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// With m the largest score of a row, e(s) = exp((s - m) / t) and Z = e(p) + the sum of e(n_k), the loss of the row
    /// is log Z - (p - m) / t, its derivative by n_k is e(n_k) / (t Z) and by p minus their sum.
    /// </summary>
    public override double SampledSoftmax(
        float scale, float temperature, Tensor positives, Tensor negatives, Ids? excluded, Tensor dPositives,
        Tensor dNegatives)
    {
        Check(
            positives.Columns == 1 && positives.Rows == negatives.Rows && SameShape(positives, dPositives) &&
            SameShape(negatives, dNegatives),
            $"SampledSoftmax: positives {positives}, negatives {negatives}, dPositives {dPositives}, " +
            $"dNegatives {dNegatives}");
        Check(temperature > 0, $"SampledSoftmax: the temperature is {temperature}, not positive");
        int words = SoftmaxRows.WordsOf(negatives.Columns);
        Check(
            excluded is null || (excluded.Count >= (long)negatives.Rows * words && excluded.Count % Math.Max(1, negatives.Rows) == 0),
            $"SampledSoftmax: negatives {negatives} need {words} or more words of bits for each row, but excluded has {excluded?.Count}");
        double factor = (double)scale / Math.Max(1, negatives.Rows);
        int chunks = ChunksOf(negatives.Rows, RowsPerChunk(negatives.Columns));
        var softmax = new SoftmaxRows(
            temperature, (float)(factor / temperature), positives, negatives, excluded, dPositives, dNegatives);
        return factor * Reduce(chunks, softmax, static (in softmax, chunk) =>
        {
            int chunkRows = RowsPerChunk(softmax.Negatives.Columns), start = chunk * chunkRows;
            return softmax.Run(start, Math.Min(softmax.Negatives.Rows, start + chunkRows));
        });
    }

    /// <summary>What every chunk of rows is computed from; the gradients are those of the loss times the factor.</summary>
    private readonly record struct SoftmaxRows(
        float Temperature, float Factor, Tensor Positives, Tensor Negatives, Ids? Excluded, Tensor DPositives,
        Tensor DNegatives)
    {
        /// <summary>32-bit words that hold a bit a negative.</summary>
        public static int WordsOf(int negatives) => (negatives + 31) / 32;

        /// <summary>
        /// Rows start to end; returns the sum of their losses. The exponentials of all rows are taken in one call, so
        /// that rows of few negatives fill the vectors too.
        /// </summary>
        public double Run(int start, int end)
        {
            for (int row = start; row < end; row++)
                SubtractLargest(row);
            long at = (long)start * Negatives.Columns;
            var exponentials = new Span<float>(DNegatives.Pointer + at, (end - start) * Negatives.Columns);
            if (Temperature != 1)
                TensorPrimitives.Multiply(exponentials, 1 / Temperature, exponentials);
            TensorPrimitives.Exp(exponentials, exponentials);
            double loss = 0;
            for (int row = start; row < end; row++)
                loss += Finish(row);
            return loss;
        }

        /// <summary>
        /// dNegatives = n - m and dPositives = p - m, with m the largest of the row's scores that count; the others become
        /// minus infinity, whose exponential is 0.
        /// </summary>
        private void SubtractLargest(int row)
        {
            var negatives = Row(Negatives, row);
            if (Excludes(row))
            {
                negatives.CopyTo(Row(DNegatives, row));
                negatives = Row(DNegatives, row);
                Exclude(row, negatives);
            }

            float positive = Positives.Pointer[row];
            float largest = negatives.IsEmpty ? positive : MathF.Max(positive, TensorPrimitives.Max<float>(negatives));
            TensorPrimitives.Subtract(negatives, largest, Row(DNegatives, row));
            DPositives.Pointer[row] = positive - largest;
        }

        private ReadOnlySpan<uint> BitsOf(int row)
        {
            if (Excluded is null)
                return default;
            int wordsPerRow = Excluded.Count / Negatives.Rows;
            return new((uint*)Excluded.Pointer + ((long)row * wordsPerRow), WordsOf(Negatives.Columns));
        }

        private bool Excludes(int row) => BitsOf(row).ContainsAnyExcept(0u);

        private void Exclude(int row, Span<float> scores)
        {
            var bits = BitsOf(row);
            for (int word = 0; word < bits.Length; word++)
            {
                for (uint left = bits[word]; left != 0; left &= left - 1)
                    scores[(word * 32) + BitOperations.TrailingZeroCount(left)] = float.NegativeInfinity;
            }
        }

        /// <summary>Makes the row's exponentials its gradients; returns its loss.</summary>
        private double Finish(int row)
        {
            var exponentials = Row(DNegatives, row);
            double score = (double)DPositives.Pointer[row] / Temperature;
            double ofNegatives = TensorPrimitives.Sum<float>(exponentials);
            double total = Math.Exp(score) + ofNegatives;
            TensorPrimitives.Multiply(exponentials, (float)(Factor / total), exponentials);
            DPositives.Pointer[row] = (float)(-Factor * (ofNegatives / total));

            // Near 0 the logarithm of 1 + the negatives' part keeps what the sum would round away.
            return score == 0 ? LogOnePlus(ofNegatives) : Math.Log(total) - score;
        }

        /// <summary>log(1 + x) for x of 0 or more, to the last digits where x is small.</summary>
        private static double LogOnePlus(double x)
        {
            double sum = 1 + x;
            return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
        }
    }
}
