using System.Runtime.InteropServices;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Fields;
using Bet.Tests.Compute;

namespace Bet.Tests.Fields;

public sealed class FieldTablesTests
{
    private static readonly OptimiserStep Plain = new(Optimiser.Sgd, 1, 1);

    public static TheoryData<string> Names => SampleFields.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Features_are_those_that_a_server_reads(string name)
    {
        var backend = Oracle.Backend;
        foreach (var precision in Precisions.All)
        {
            using var tables = new FieldTables(backend, SampleFields.Shapes(name, precision), Optimiser.Sgd, seed: 5);
            var packed = tables.Pack(SampleFields.FieldNames);
            int[] samples = SampleFields.Samples(40, 1);
            double[] served = [.. samples.Chunk(4).SelectMany(sample => sample.SelectMany((category, field) => packed.Vector(field, category)))
                .Select(value => (double)value)];

            using var loaded = FieldTables.Of(backend, packed);
            Assert.Equal(
                packed.Shapes.SelectMany((shape, field) => shape.Partitions.Select((_, j) => packed.Table(field, j))),
                loaded.RowTables.Select(table => backend.Read(table.Value)));
            Oracle.Close(served, Features(backend, loaded, samples), 1e-6);
            Oracle.Close(served, Features(backend, tables, samples), 1e-6);
            Assert.Equal(served.Length, 40 * tables.FeatureCount * tables.Size);
        }
    }

    /// <summary>Small values too, whose scales are so small that float16 has few of them.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Packing_what_was_trained_changes_no_bit(string name)
    {
        var backend = Oracle.Backend;
        using var ids = backend.Ids(SampleFields.Samples(300, 4));
        foreach (var precision in Precisions.All)
        {
            using var tables = new FieldTables(backend, SampleFields.Shapes(name, precision), Optimiser.Adagrad, seed: 5);
            using var tape = new Tape(backend);
            for (int step = 1; step <= 3; step++)
            {
                tape.Begin();
                tape.SquaredNorm(1, tables.Features(tape, ids));
                tape.Backward();
                tape.UpdateRows(new OptimiserStep(Optimiser.Adagrad, 1, 0.1f));
            }

            Compare();
            foreach (var table in tables.RowTables)
                backend.FillUniform(new Philox(1, RandomPurpose.Test), -4e-4f, 4e-4f, table.Value);
            Compare();

            void Compare()
            {
                using var served = FieldTables.Of(backend, tables.Pack(SampleFields.FieldNames));
                float[] expected = Features(backend, served, SampleFields.Samples(300, 4));
                float[] actual = Features(backend, tables, SampleFields.Samples(300, 4));
                Assert.Contains(actual, value => value != 0);
                Assert.True(MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(actual)), precision.Name());
            }
        }
    }

    /// <summary>
    /// A step of plain descent with the rate 1 changes each value by its gradient; finite differences of the loss find the same,
    /// where rows are not rounded: of steps they would find the slope 0.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_rows_and_projections(string name)
    {
        var backend = Oracle.Backend;
        using var tables = new FieldTables(
            backend, [.. SampleFields.Shapes(name).Select(shape => shape with { Precision = Precision.Float32 })], Optimiser.Sgd, seed: 5);
        foreach (var table in tables.RowTables)
            backend.FillUniform(new Philox(1, RandomPurpose.Test, (uint)table.Value.Columns), -1, 1, table.Value);
        int[] samples = SampleFields.Samples(12, 2);
        using var ids = backend.Ids(samples);
        using var weights = backend.Tensor(tables.FeatureCount * tables.Size, 2, Oracle.Values(2L * tables.FeatureCount * tables.Size, 3));
        using var tape = new Tape(backend);
        var values = tables.RowTables.Select(table => table.Value).Concat(tables.Parameters.Select(parameter => parameter.Value)).ToArray();
        float[][] before = [.. values.Select(backend.Read)];
        Loss();
        tape.Backward();
        tape.UpdateRows(Plain);
        float[][] gradients =
        [
            .. tables.RowTables.Select((table, i) => before[i].Zip(backend.Read(table.Value), (old, changed) => old - changed).ToArray()),
            .. tables.Parameters.Select(parameter => backend.Read(parameter.Gradient)),
        ];

        // A path's finite differences may cross a bend.
        double tolerance = name.StartsWith("path") ? 2e-2 : 5e-3;
        var random = new Random(3);
        int checkedValues = 0;
        for (int tensor = 0; tensor < values.Length; tensor++)
            backend.Upload(before[tensor], values[tensor]);
        for (int tensor = 0; tensor < values.Length; tensor++)
        {
            int[] reached = [.. gradients[tensor].Index().Where(pair => pair.Item != 0).Select(pair => pair.Index)];
            Assert.NotEmpty(reached);
            int unreached = Array.IndexOf(gradients[tensor], 0);
            foreach (int place in Enumerable.Range(0, 12).Select(_ => reached[random.Next(reached.Length)]).Append(unreached < 0 ? reached[0] : unreached))
            {
                double above = Loss(tensor, place, 2e-3f), below = Loss(tensor, place, -2e-3f);
                double numeric = (above - below) / 4e-3;
                Assert.True(
                    Math.Abs(numeric - gradients[tensor][place]) < tolerance * (1 + Math.Abs(numeric)),
                    $"tensor {tensor} [{place}]: finite differences {numeric}, gradient {gradients[tensor][place]}");
                checkedValues++;
            }
        }

        Assert.True(checkedValues >= 4 * 13);

        double Loss(int tensor = 0, int place = 0, float change = 0)
        {
            float[] changed = [.. before[tensor]];
            changed[place] += change;
            backend.Upload(changed, values[tensor]);
            tape.Begin();
            tape.SquaredNorm(0.5f, tape.MatMul(tables.Features(tape, ids), tape.Constant(weights)));
            backend.Upload(before[tensor], values[tensor]);
            return tape.Loss;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_gives_the_same_bits_for_any_number_of_threads(string name)
    {
        byte[]? expected = null;
        foreach (int threads in new[] { 1, 3 })
        {
            using var backend = new CpuBackend(threads);
            using var tables = new FieldTables(backend, SampleFields.Shapes(name), Optimiser.Adagrad, seed: 5);
            using var tape = new Tape(backend);
            using var ids = backend.Ids(SampleFields.Samples(500, 4));
            for (int step = 1; step <= 3; step++)
            {
                tape.Begin();
                tape.SquaredNorm(1, tables.Features(tape, ids));
                tape.Backward();
                tape.UpdateRows(new OptimiserStep(Optimiser.Adagrad, 1, 0.1f));
            }

            using var file = new MemoryStream();
            FieldTableFile.Write(file, tables.Pack(SampleFields.FieldNames));
            expected ??= file.ToArray();
            Assert.Equal(expected, file.ToArray());
        }
    }

    /// <summary>A full table's values are uniform in +-sqrt(1 / n), of deviation sqrt(1 / 3n).</summary>
    [Theory]
    [InlineData(FieldOperation.Add, 1, 0, 16, 0.03)]
    [InlineData(FieldOperation.Add, 3, 0, 16, 0.15)]
    [InlineData(FieldOperation.Add, 2, 3000, 16, 0.1)]
    [InlineData(FieldOperation.Multiply, 2, 0, 16, 0.1)]
    [InlineData(FieldOperation.Multiply, 3, 3000, 16, 0.15)]
    [InlineData(FieldOperation.Concatenate, 2, 3000, 16, 0.1)]
    [InlineData(FieldOperation.Features, 3, 0, 16, 0.15)]
    [InlineData(FieldOperation.Add, 1, 0, 8, 0.3)]
    [InlineData(FieldOperation.Path, 2, 0, 16, 0.3)]
    public void First_features_have_the_deviation_of_a_full_table(FieldOperation operation, int digits, int head, int width, double slack)
    {
        const int n = 20_000;
        int hidden = operation == FieldOperation.Path ? 32 : 0;
        var shape = new FieldShape(n, 16, Partitions.MixedRadix(n - head, digits), operation, head, width, hidden);
        using var tables = new FieldTables(Oracle.Backend, [shape], Optimiser.Sgd, seed: 7);
        var packed = tables.Pack(["C1"]);
        double[] squares = [.. Enumerable.Range(0, n).Select(category => packed.Vector(0, category).Average(value => (double)value * value) * 3 * n)];
        Assert.InRange(Math.Sqrt(squares.Skip(head).Average()), 1 - slack, 1 + slack);
        if (head > 0)
            Assert.InRange(Math.Sqrt(squares.Take(head).Average()), 0.97, 1.03);
        if (digits == 1)
            Assert.Equal(Math.Sqrt(1.0 / n), packed.Table(0, 0).Max(Math.Abs), 1e-5);
    }

    [Fact]
    public void A_warmed_step_allocates_no_tensors()
    {
        using var backend = new CpuBackend(2);
        using var tables = new FieldTables(
            backend, [.. SampleFields.Shapes("path"), .. SampleFields.Shapes("three features after a head, projected")], Optimiser.Adagrad, 1);
        using var tape = new Tape(backend);
        using var ids = backend.Ids([.. SampleFields.Samples(50, 1), .. SampleFields.Samples(50, 2)]);
        WarmedStep.AllocatesAtMost(4096, backend, Step);

        void Step()
        {
            tape.Begin();
            tape.SquaredNorm(1, tables.Features(tape, ids));
            tape.Backward();
            tape.UpdateRows(new OptimiserStep(Optimiser.Adagrad, 1, 0.1f));
        }
    }

    [Fact]
    public void Fields_of_several_sizes_and_names_that_repeat_are_refused()
    {
        var backend = Oracle.Backend;
        Assert.Throws<ArgumentException>(() => new FieldTables(backend, [FieldShape.Full(3, 4), FieldShape.Full(3, 5)], Optimiser.Sgd, 1));
        Assert.Throws<ArgumentException>(() => new FieldTables(backend, [], Optimiser.Sgd, 1));
        using var tables = new FieldTables(backend, SampleFields.Shapes("full"), Optimiser.Sgd, 1);
        Assert.Throws<ArgumentException>(() => tables.Pack(["a", "b", "c", "a"]));
        Assert.Throws<ArgumentException>(() => tables.Pack(["a", "b", "c"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tables.Pack(["a", "b", "c", "d"]).Vector(3, 3));
    }

    private static float[] Features(CpuBackend backend, FieldTables tables, int[] samples)
    {
        using var tape = new Tape(backend);
        using var ids = backend.Ids(samples);
        tape.Begin();
        return backend.Read(tables.Features(tape, ids).Value);
    }
}
