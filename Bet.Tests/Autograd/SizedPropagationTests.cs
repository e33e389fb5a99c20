using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Tests.Backbones;

namespace Bet.Tests.Autograd;

/// <summary>Propagation over rows of known sizes against the same rows as plain ones that happen to end in zeros.</summary>
public sealed class SizedPropagationTests
{
    private const int Users = 40;
    private const int Items = 24;

    [Theory]
    [InlineData(1, 17)]
    [InlineData(2, 32)]
    [InlineData(3, 100)]
    public void Sizes_change_no_bit_of_the_result_nor_of_the_gradients_of_values_that_exist(int layers, int width)
    {
        using var backend = new CpuBackend(2);
        int[] userSizes = [.. Enumerable.Range(0, Users).Select(row => width * (Users - row) / Users)];
        int[] itemSizes = [.. Enumerable.Range(0, Items).Select(row => Math.Max(0, width - (9 * row)))];
        var plain = Run(backend, layers, width, userSizes, itemSizes, known: false);
        var sized = Run(backend, layers, width, userSizes, itemSizes, known: true);
        Assert.Equal(plain.Loss, sized.Loss);
        Assert.Equal(Existing(plain.Users, userSizes, width), Existing(sized.Users, userSizes, width));
        Assert.Equal(Existing(plain.Items, itemSizes, width), Existing(sized.Items, itemSizes, width));
        Assert.Contains(Existing(sized.Users, userSizes, width), value => value != 0);
    }

    /// <summary>A row's gradient is off by what 2^-9 of each of its neighbours' values can make of it.</summary>
    [Theory]
    [InlineData(1, 17)]
    [InlineData(3, 100)]
    public void Gathering_bfloat16_changes_losses_and_gradients_by_little_and_not_by_nothing(int layers, int width)
    {
        using var backend = new CpuBackend(2);
        int[] userSizes = [.. Enumerable.Repeat(width, Users)], itemSizes = [.. Enumerable.Repeat(width, Items)];
        var exact = Run(backend, layers, width, userSizes, itemSizes, known: false);
        var rounded = Run(backend, layers, width, userSizes, itemSizes, known: false, GatherPrecision.Bfloat16);
        Assert.Equal(exact.Loss, rounded.Loss, 0.01 * exact.Loss);
        Assert.InRange(Distance(exact.Users, rounded.Users), 1e-6, 0.01);
        Assert.InRange(Distance(exact.Items, rounded.Items), 1e-6, 0.01);
    }

    /// <summary>The norm of the difference over that of the first.</summary>
    private static double Distance(float[] first, float[] second) => Math.Sqrt(
        first.Zip(second, (a, b) => Math.Pow(a - b, 2)).Sum() / first.Sum(value => Math.Pow(value, 2)));

    private static (double Loss, float[] Users, float[] Items) Run(
        Backend backend, int layers, int width, int[] userSizes, int[] itemSizes, bool known,
        GatherPrecision precision = GatherPrecision.Float32)
    {
        var (toUsers, toItems) = Graph.Normalised(Checkerboard.Create(Users, Items).Train);
        using var userItem = Upload(backend, toUsers);
        using var itemUser = Upload(backend, toItems);
        using var users = Table(backend, 1, width, userSizes, known);
        using var items = Table(backend, 2, width, itemSizes, known);
        using var someUsers = RowIds(backend, [0, 3, 3, 39]);
        using var someItems = RowIds(backend, [0, 1, 7, 23]);
        using var otherItems = RowIds(backend, [2, 2, 5, 22]);
        using var tape = new Tape(backend);
        tape.Begin();
        var (u, i) = tape.Propagate(userItem, itemUser, tape.Parameter(users), tape.Parameter(items), layers, precision);
        tape.BprLoss(tape.GatherRows(u, someUsers), tape.GatherRows(i, someItems), tape.GatherRows(i, otherItems));
        tape.Backward();
        return (tape.Loss, Read(backend, users.Gradient), Read(backend, items.Gradient));
    }

    private static Parameter Table(Backend backend, uint stream, int width, int[] sizes, bool known)
    {
        var rowSizes = RowIds(backend, sizes);
        var table = new Parameter(backend, "table", sizes.Length, width, known ? rowSizes : null);
        backend.FillNormal(new Philox(1, RandomPurpose.Test, stream), 1, table.Value);
        backend.PrefixMask(rowSizes, table.Value);
        if (!known)
            rowSizes.Dispose();
        return table;
    }

    private static float[] Existing(float[] values, int[] sizes, int width) =>
        [.. sizes.SelectMany((size, row) => values.Skip(row * width).Take(size))];

    private static float[] Read(Backend backend, Tensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }

    private static Ids RowIds(Backend backend, int[] values)
    {
        var ids = backend.AllocateIds(values.Length);
        backend.Upload(values, ids);
        return ids;
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
