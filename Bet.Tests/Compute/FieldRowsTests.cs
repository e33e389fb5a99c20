using System.Runtime.InteropServices;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class FieldRowsTests
{
    private const int Fields = FieldReference.Fields;
    private const int Categories = FieldReference.Categories;

    /// <summary>Row widths around the vector widths.</summary>
    public static TheoryData<int> Widths => [1, 3, 8, 15, 16, 21, 32, 60];

    public static TheoryData<Optimiser> Steps => [.. Enum.GetValues<Optimiser>()];

    [Theory, MemberData(nameof(Widths))]
    public void Looked_up_rows_are_those_of_the_reference(int width)
    {
        foreach (int samples in new[] { 0, 1, 2, 33, 700 })
        {
            int[] categories = Oracle.RowNumbers(samples * Fields, Categories, 7);
            double[] expected = [];
            float[] actual = Oracle.Run(backend =>
            {
                using var reference = new FieldReference(backend, FieldReference.Shapes(width), Optimiser.Sgd);
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

    /// <summary>Quotients and remainders of the largest categories, by divisors and cells of every size.</summary>
    [Fact]
    public void Rows_are_found_in_whole_numbers()
    {
        int[] categories = [0, 1, 6, 7, 8, 1 << 24, (1 << 24) + 1, int.MaxValue - 8, int.MaxValue - 1, int.MaxValue];
        foreach (long divisor in new[] { 1L, 2, 3, 7, 1 << 16, (1 << 24) + 1, int.MaxValue - 1, int.MaxValue, 1L << 31, 1L << 40 })
        {
            foreach (int cells in new[] { 1, 2, 7, 64, 1021 })
            {
                foreach (int head in new[] { 0, 5 })
                {
                    float[] rows = Oracle.Values(cells + head, 4);
                    using var table = new RowTable(Oracle.Backend, "table", cells + head, 1, Optimiser.Sgd);
                    Oracle.Backend.Upload(rows, table.Value);
                    var source = new RowSource(table, 0, head, divisor, cells, 0, RowOperation.Set);
                    using var ids = Oracle.Backend.Ids(categories);
                    using var result = Oracle.Backend.Allocate(categories.Length, 1);
                    Oracle.Backend.LookUpRows(new FieldLookup(1, [source]), ids, result);
                    Assert.Equal(categories.Select(category => rows[source.RowOf(category)]), Oracle.Backend.Read(result));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Steps))]
    public void Updated_rows_are_those_of_the_reference(Optimiser kind)
    {
        foreach (var (samples, width) in new[] { (0, 16), (1, 16), (2, 16), (700, 1), (700, 16), (700, 31) })
        {
            var step = new OptimiserStep(kind, 3, 0.1f);
            int[] categories = Oracle.RowNumbers(samples * Fields, Categories, 7);
            double[][] expected = [];
            float[][] actual = FieldReference.Updated(new CpuBackend(1), step, FieldReference.Shapes(width), categories, reference =>
                expected = reference.Update(step, categories, reference.Gradient(samples)));
            for (int part = 0; part < expected.Length; part++)
                Oracle.Close(expected[part], actual[part], 1e-4);
        }
    }

    [Theory, MemberData(nameof(Steps))]
    public void Threads_do_not_change_a_bit(Optimiser kind)
    {
        const int width = 21;
        var step = new OptimiserStep(kind, 1, 0.1f);
        int[] categories = Oracle.RowNumbers(1200 * Fields, Categories, 7);
        float[][] one = FieldReference.Updated(new CpuBackend(1), step, FieldReference.Shapes(width), categories);
        float[][] three = FieldReference.Updated(new CpuBackend(3), step, FieldReference.Shapes(width), categories);
        foreach (var (left, right) in one.Zip(three))
            Assert.True(MemoryMarshal.AsBytes<float>(left).SequenceEqual(MemoryMarshal.AsBytes<float>(right)));
    }

    /// <summary>Rows that hold no number would show themselves wherever they were read.</summary>
    [Theory]
    [InlineData(Optimiser.Sgd)]
    [InlineData(Optimiser.AmsGrad)]
    public void Untouched_rows_keep_their_bits(Optimiser kind)
    {
        using var backend = new CpuBackend(2);
        using var table = new RowTable(backend, "table", 9, 5, kind);
        foreach (var part in table.States.Prepend(table.Value))
            backend.Upload([.. Enumerable.Range(0, 45).Select(i => i / 5 is 2 or 7 ? 0.5f : float.NaN)], part);
        float[] before = backend.Read(table.Value);
        var lookup = new FieldLookup(1, [new RowSource(table, 0, 0, 1, 9, 0, RowOperation.Set)]);
        using var categories = backend.Ids([7, 2, 7]);
        using var gradient = backend.Tensor(3, 5, Oracle.Values(15, 1));
        backend.UpdateRows(new OptimiserStep(kind, 1, 0.1f), lookup, categories, gradient);
        foreach (var part in table.States.Prepend(table.Value))
        {
            float[] after = backend.Read(part);
            for (int i = 0; i < 45; i++)
            {
                if (i / 5 is 2 or 7)
                    Assert.True(float.IsFinite(after[i]));
                else
                    Assert.Equal(BitConverter.SingleToInt32Bits(before[i]), BitConverter.SingleToInt32Bits(after[i]));
            }
        }
    }

    [Fact]
    public void Misfits_are_named()
    {
        var backend = Oracle.Backend;
        using var table = new RowTable(backend, "item", 6, 4, Optimiser.Adam);
        using var other = new RowTable(backend, "other", 6, 4, Optimiser.Adam);
        var source = new RowSource(table, 1, 0, 1, 6, 0, RowOperation.Set);
        var lookup = new FieldLookup(2, [source]);
        using var categories = backend.Ids([1, 2, 3, 4]);
        using var negative = backend.Ids([1, 2, 3, -4]);
        using var odd = backend.Ids([1, 2, 3]);
        using var result = backend.Allocate(2, 4);
        using var narrow = backend.Allocate(2, 3);
        var step = new OptimiserStep(Optimiser.Adam, 1, 0.1f);
        Oracle.Fails(
            "LookUpRows: 4 categories in 2 fields, 4 columns do not fit [2, 3]",
            () => backend.LookUpRows(lookup, categories, narrow));
        Oracle.Fails(
            "UpdateRows: 3 categories in 2 fields, 4 columns do not fit [2, 4]",
            () => backend.UpdateRows(step, lookup, odd, result));
        Oracle.Fails("LookUpRows: a category is -4", () => backend.LookUpRows(lookup, negative, result));
        Oracle.Fails(
            "UpdateRows: item keeps 2 states, Adagrad needs 1",
            () => backend.UpdateRows(step with { Kind = Optimiser.Adagrad }, lookup, categories, result));
        Oracle.Fails(
            "UpdateRows: steps count from 1, not from 0",
            () => backend.UpdateRows(step with { Step = 0 }, lookup, categories, result));
        Oracle.Fails(
            "source 1 (item [6, 4], Add to column 0, field 1): another source has the same table",
            () => _ = new FieldLookup(2, [source, source with { Operation = RowOperation.Add }]));
        Oracle.Fails(
            "source 1 (other [6, 4], Multiply to column 4, field 1): no Set before it has the same columns, field and head",
            () => _ = new FieldLookup(2, [source, source with { Table = other, Operation = RowOperation.Multiply, Column = 4 }]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_warmed_step_allocates_nothing(int threads)
    {
        const int samples = 600;
        using var backend = new CpuBackend(threads);
        using var reference = new FieldReference(backend, FieldReference.Shapes(16), Optimiser.AmsGrad);
        using var categories = backend.Ids(Oracle.RowNumbers(samples * Fields, Categories, 7));
        using var tape = new Tape(backend);

        void Step()
        {
            tape.Begin();
            tape.SquaredNorm(1e-3f, tape.LookUpRows(reference.Lookup, categories));
            tape.Backward();
            tape.UpdateRows(new OptimiserStep(Optimiser.AmsGrad, 1, 0.01f));
        }

        WarmedStep.AllocatesAtMost(0, backend, Step);
    }
}
