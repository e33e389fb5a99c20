using System.Runtime.InteropServices;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

/// <summary>Lookups and updates of rows that join as they are read again from a table of lower precision.</summary>
public sealed class RoundedFieldRowsTests
{
    private const int Fields = FieldReference.Fields;

    public static TheoryData<Precision> Precisions { get; } = new(Engine.Compute.Precisions.All);

    [Theory, MemberData(nameof(Precisions))]
    public void Looked_up_rows_are_those_of_the_reference(Precision precision)
    {
        foreach (var (samples, width) in new[] { (1, 16), (33, 1), (33, 3), (33, 8), (33, 15), (700, 16), (33, 21), (33, 60), (2, 127), (2, 300) })
        {
            int[] categories = Categories(samples);
            double[] expected = [];
            float[] actual = Oracle.Run(backend =>
            {
                using var reference = new FieldReference(backend, Shapes(width, precision), Optimiser.Sgd);
                using var ids = backend.Ids(categories);
                var result = backend.Allocate(samples, reference.Lookup.Columns);
                backend.Fill(result, float.NaN);
                backend.LookUpRows(reference.Lookup, ids, result);
                expected = reference.LookUp(categories);
                return result;
            });
            Oracle.Close(expected, actual);
        }
    }

    /// <summary>Rows as long as the layers of a path, bit for bit; a row that is not read holds no number.</summary>
    [Theory, MemberData(nameof(Precisions))]
    public void Long_rows_are_rounded_as_a_whole(Precision precision)
    {
        const int width = 16_001;
        float[] first = Oracle.Values(width, 1), factor = Oracle.Values(width, 2);
        first[^1] = 3;
        float[] actual = Oracle.Run(backend =>
        {
            using var table = new RowTable(backend, "rows", 2, width, Optimiser.Sgd);
            using var factors = new RowTable(backend, "factors", 2, width, Optimiser.Sgd);
            float[] unread = [.. Enumerable.Repeat(float.NaN, width)];
            backend.Upload([.. unread, .. first], table.Value);
            backend.Upload([.. unread, .. factor], factors.Value);
            using var ids = backend.Ids([1, 1, 1]);
            var result = backend.Allocate(3, width);
            backend.LookUpRows(
                new FieldLookup(1, [Source(table, RowOperation.Set, precision), Source(factors, RowOperation.Multiply, precision)]), ids, result);
            return result;
        });
        RowQuantiser.Round(first, precision, first);
        RowQuantiser.Round(factor, precision, factor);
        float[] expected = [.. first.Zip(factor, (a, b) => a * b)];
        Assert.Equal([.. expected, .. expected, .. expected], actual);
    }

    [Theory, MemberData(nameof(Precisions))]
    public void Updated_rows_are_those_of_the_reference(Precision precision)
    {
        foreach (var (samples, width, kind) in new[]
        {
            (0, 16, Optimiser.Sgd), (1, 16, Optimiser.Adam), (700, 16, Optimiser.Adagrad), (90, 31, Optimiser.Sgd), (90, 1, Optimiser.AmsGrad),
        })
        {
            var step = new OptimiserStep(kind, 3, 0.1f);
            int[] categories = Categories(samples);
            double[][] expected = [];
            float[][] actual = FieldReference.Updated(new CpuBackend(1), step, Shapes(width, precision), categories, reference =>
                expected = reference.Update(step, categories, reference.Gradient(samples)));
            for (int part = 0; part < expected.Length; part++)
                Oracle.Close(expected[part], actual[part], 1e-4);
        }
    }

    /// <summary>
    /// Straight through: with tables of rounded rows that are not rounded again, all gradients are the same, hence Adagrad's
    /// sums of squares bit for bit, and so are the changes of the rows.
    /// </summary>
    [Theory, MemberData(nameof(Precisions))]
    public void A_step_is_that_of_the_rounded_rows_taken_by_the_unrounded(Precision precision)
    {
        const int width = 21;
        var step = new OptimiserStep(Optimiser.Adagrad, 1, 0.1f);
        int[] categories = Categories(400);
        var shapes = Shapes(width, precision);
        float[][] before = [], roundedBefore = [];
        float[][] after = FieldReference.Updated(new CpuBackend(1), step, shapes, categories, reference => before = reference.Read());
        float[][] rounded = FieldReference.Updated(
            new CpuBackend(1), step, [.. shapes.Select(shape => shape with { Precision = Precision.Float32 })], categories, reference =>
            {
                reference.Round(shapes);
                roundedBefore = reference.Read();
            });
        for (int part = 0; part < after.Length; part += 2)
        {
            Assert.Contains(after[part + 1].Zip(before[part + 1]), state => state.First != state.Second);
            Assert.True(Bits(rounded[part + 1]).SequenceEqual(Bits(after[part + 1])), $"table {part / 2}");
            Oracle.Close(
                [.. rounded[part].Zip(roundedBefore[part], (to, from) => (double)to - from)],
                [.. after[part].Zip(before[part], (to, from) => to - from)], 1e-6);
        }
    }

    [Theory, MemberData(nameof(Precisions))]
    public void Threads_do_not_change_a_bit(Precision precision)
    {
        var step = new OptimiserStep(Optimiser.AmsGrad, 1, 0.1f);
        int[] categories = Categories(1200);
        float[][] one = FieldReference.Updated(new CpuBackend(1), step, Shapes(21, precision), categories);
        float[][] three = FieldReference.Updated(new CpuBackend(3), step, Shapes(21, precision), categories);
        foreach (var (left, right) in one.Zip(three))
            Assert.True(Bits(left).SequenceEqual(Bits(right)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_warmed_step_allocates_nothing(int threads)
    {
        const int samples = 600;
        using var backend = new CpuBackend(threads);
        foreach (var precision in Engine.Compute.Precisions.All)
        {
            using var reference = new FieldReference(backend, Shapes(16, precision), Optimiser.Adagrad);
            using var categories = backend.Ids(Categories(samples));
            using var gradient = backend.Tensor(samples, reference.Lookup.Columns, reference.Gradient(samples));
            using var result = backend.Allocate(samples, reference.Lookup.Columns);
            WarmedStep.AllocatesAtMost(0, backend, Step);

            void Step()
            {
                backend.LookUpRows(reference.Lookup, categories, result);
                backend.UpdateRows(new OptimiserStep(Optimiser.Adagrad, 1, 0.1f), reference.Lookup, categories, gradient);
            }
        }
    }

    private static RowSource Source(RowTable table, RowOperation operation, Precision precision) =>
        new(table, 0, 0, 1, 2, 0, operation, precision);

    private static int[] Categories(int samples) => Oracle.RowNumbers(samples * Fields, FieldReference.Categories, 7);

    private static ReadOnlySpan<byte> Bits(float[] values) => MemoryMarshal.AsBytes<float>(values);

    /// <summary>Rounded rows beside others, before and after them.</summary>
    private static FieldSourceShape[] Shapes(int width, Precision precision) =>
        [.. FieldReference.Shapes(width).Select((shape, i) => i % 4 == 3 ? shape : shape with { Precision = precision })];
}
