using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Tests.Backbones;

namespace Bet.Tests.Compute;

/// <summary>Propagation against single products; its values in double precision are <c>GradientTests</c>'.</summary>
public sealed class PropagateTests
{
    private const int Users = 40;
    private const int Items = 24;

    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            foreach (int layers in new[] { 1, 2, 3, 4 })
            {
                foreach (int width in new[] { 1, 7, 17, 64, 130 })
                    shapes.Add(layers, width);
            }

            return shapes;
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void In_float32_it_has_the_bits_of_a_product_a_layer(int layers, int width) =>
        AssertIsAProductALayer(layers, width, GatherPrecision.Float32, rounding: value => value);

    /// <summary>Rounding what each product reads, by an oracle, gives the same bits.</summary>
    [Theory, MemberData(nameof(Shapes))]
    public void In_bfloat16_it_has_the_bits_of_products_of_the_nearest_such_numbers(int layers, int width) =>
        AssertIsAProductALayer(layers, width, GatherPrecision.Bfloat16, NearestBfloat16);

    [Theory]
    [InlineData(GatherPrecision.Float32, 17)]
    [InlineData(GatherPrecision.Bfloat16, 17)]
    [InlineData(GatherPrecision.Bfloat16, 100)]
    public void Known_sizes_change_no_wanted_bit(GatherPrecision precision, int width)
    {
        int[] userSizes = [.. Enumerable.Range(0, Users).Select(row => width * (Users - row) / Users)];
        int[] itemSizes = [.. Enumerable.Range(0, Items).Select(row => Math.Max(0, width - (9 * row)))];
        float[] users = Prefixes(Oracle.Values(Users * width, 1), userSizes, width);
        float[] items = Prefixes(Oracle.Values(Items * width, 2), itemSizes, width);
        foreach (int layers in new[] { 1, 2, 3 })
        {
            float[] plain = Propagate(users, items, width, layers, precision, null);
            float[] sized = Propagate(users, items, width, layers, precision, (userSizes, itemSizes));
            int[] sizes = [.. userSizes, .. itemSizes];
            Assert.Equal(Prefixes(plain, sizes, width), Prefixes(sized, sizes, width));
        }
    }

    [Fact]
    public void Of_two_bfloat16_numbers_equally_near_the_even_one_is_gathered()
    {
        float[] values =
        [
            1 + (1 / 256f), 1 + (3 / 256f), -1 - (1 / 256f), 1 + (1 / 256f) + (1 / 65536f), float.PositiveInfinity, float.NaN,
            float.MaxValue, 0,
        ];
        float[] result = Oracle.Run(backend =>
        {
            using var matrix = backend.UploadCsr(1, 1, [0, 1], [0], [1]);
            using var users = backend.Allocate(1, values.Length);
            using var items = backend.Tensor(1, values.Length, values);
            var heard = backend.Allocate(1, values.Length);
            using var unused = backend.Allocate(1, values.Length);
            backend.Propagate(matrix, matrix, (users, items), (heard, unused), 1, default, default, GatherPrecision.Bfloat16);
            return heard;
        });
        Assert.Equal(
            [.5f, .5f + (1 / 128f), -.5f, .5f + (1 / 256f), float.PositiveInfinity, float.NaN, float.PositiveInfinity, 0], result);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var matrix = backend.UploadCsr(2, 3, [0, 0, 0], [], []);
        using var transposed = backend.UploadCsr(3, 2, [0, 0, 0, 0], [], []);
        using var two = backend.Allocate(2, 5);
        using var otherTwo = backend.Allocate(2, 5);
        using var three = backend.Allocate(3, 5);
        using var four = backend.Allocate(4, 5);
        Oracle.Fails("Propagate: 0 layers", () => Try(matrix, transposed, (two, three), (two, three), 0));
        Oracle.Fails(
            "Propagate: users from [2, 5] to [2, 5], items from [3, 5] to [4, 5]",
            () => Try(matrix, transposed, (two, three), (otherTwo, four), 1));
        Oracle.Fails("Propagate: from and to are the same tensors", () => Try(matrix, transposed, (two, three), (two, three), 1));
        Oracle.Fails(
            "Propagate: matrices [2, 3] and [2, 3], users [2, 5], items [3, 5]",
            () => Try(matrix, matrix, (two, three), (two, three), 1));

        void Try(
            CsrMatrix userItem, CsrMatrix itemUser, (Tensor, Tensor) from, (Tensor, Tensor) to, int layers) =>
            backend.Propagate(userItem, itemUser, from, to, layers, default, default, GatherPrecision.Float32);
    }

    private static void AssertIsAProductALayer(
        int layers, int width, GatherPrecision precision, Func<float, float> rounding)
    {
        float[] users = Oracle.Values(Users * width, 1), items = Oracle.Values(Items * width, 2);
        float[] expected = Oracle.Run(backend =>
        {
            using var graph = new Matrices(backend);
            using var fromUsers = backend.Tensor(Users, width, users);
            using var fromItems = backend.Tensor(Items, width, items);
            float[] u = users, i = items;
            for (int layer = 1; layer <= layers; layer++)
            {
                float scale = layer == layers ? 1f / (layers + 1) : 1;
                using var heardUsers = backend.Tensor(Users, width, [.. u.Select(rounding)]);
                using var heardItems = backend.Tensor(Items, width, [.. i.Select(rounding)]);
                using var nextUsers = backend.Allocate(Users, width);
                using var nextItems = backend.Allocate(Items, width);
                backend.SpMM(scale, graph.UserItem, heardItems, scale, fromUsers, nextUsers);
                backend.SpMM(scale, graph.ItemUser, heardUsers, scale, fromItems, nextItems);
                (u, i) = (backend.Read(nextUsers), backend.Read(nextItems));
            }

            return backend.Tensor(Users + Items, width, [.. u, .. i]);
        });
        Assert.Equal(expected, Propagate(users, items, width, layers, precision, null));
    }

    /// <summary>Users' rows, then items' rows.</summary>
    private static float[] Propagate(
        float[] users, float[] items, int width, int layers, GatherPrecision precision, (int[] Users, int[] Items)? sizes) =>
        Oracle.Run(backend =>
        {
            using var graph = new Matrices(backend);
            using var fromUsers = backend.Tensor(Users, width, users);
            using var fromItems = backend.Tensor(Items, width, items);
            using var toUsers = backend.Allocate(Users, width);
            using var toItems = backend.Allocate(Items, width);
            using var userSizes = sizes is null ? null : backend.Ids(sizes.Value.Users);
            using var itemSizes = sizes is null ? null : backend.Ids(sizes.Value.Items);
            backend.Propagate(
                graph.UserItem, graph.ItemUser, (fromUsers, fromItems), (toUsers, toItems), layers, (userSizes, itemSizes),
                (userSizes, itemSizes), precision);
            float[] result = [.. backend.Read(toUsers), .. backend.Read(toItems)];
            return backend.Tensor(
                Users + Items, width, sizes is null ? result : Prefixes(result, [.. sizes.Value.Users, .. sizes.Value.Items], width));
        });

    /// <summary>The nearest number with 8 significant bits, found in double precision.</summary>
    private static float NearestBfloat16(float value)
    {
        if (value == 0)
            return 0;
        double unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }

    /// <summary>Zeros beyond each row's size.</summary>
    private static float[] Prefixes(float[] values, int[] sizes, int width)
    {
        float[] prefixes = [.. values];
        for (int row = 0; row < sizes.Length; row++)
            prefixes.AsSpan(row * width, width)[Math.Clamp(sizes[row], 0, width)..].Clear();
        return prefixes;
    }

    /// <summary>A checkerboard's graph.</summary>
    private sealed class Matrices : IDisposable
    {
        public Matrices(CpuBackend backend)
        {
            var (toUsers, toItems) = Graph.Normalised(Checkerboard.Create(Users, Items).Train);
            UserItem = backend.UploadCsr(toUsers.Rows, toUsers.Columns, toUsers.RowOffsets, toUsers.ColumnIds, toUsers.Values);
            ItemUser = backend.UploadCsr(toItems.Rows, toItems.Columns, toItems.RowOffsets, toItems.ColumnIds, toItems.Values);
        }

        public CsrMatrix UserItem { get; }

        public CsrMatrix ItemUser { get; }

        public void Dispose()
        {
            UserItem.Dispose();
            ItemUser.Dispose();
        }
    }
}
