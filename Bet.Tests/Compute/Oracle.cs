using System.Runtime.InteropServices;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

/// <summary>What the tests of operations share: inputs, runs at several thread counts, and comparison.</summary>
internal static class Oracle
{
    private static readonly CpuBackend[] Backends = [new(1), new(2), new(8)];

    /// <summary>Row widths around the vector widths, odd ones and the usual ones.</summary>
    public static TheoryData<int> Widths => [1, 7, 8, 9, 15, 16, 17, 33, 64, 100, 128, 130];

    public static CpuBackend Backend => Backends[1];

    /// <summary>Runs an operation with 1, 2 and 8 threads; the bits must be the same, and are returned.</summary>
    public static float[] Run(Func<CpuBackend, Tensor> operation)
    {
        float[]? expected = null;
        foreach (var backend in Backends)
        {
            using var result = operation(backend);
            float[] actual = Read(backend, result);
            expected ??= actual;
            Assert.True(
                MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(actual)),
                $"{backend.Threads} threads give other bits than one");
        }

        return expected!;
    }

    /// <summary>Numbers in [-1, 1), the same for the same seed.</summary>
    public static float[] Values(long count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    public static int[] RowNumbers(int count, int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(rows))];
    }

    public static Tensor Tensor(this CpuBackend backend, int rows, int columns, float[] values)
    {
        var tensor = backend.Allocate(rows, columns);
        backend.Upload(values, tensor);
        return tensor;
    }

    public static Ids Ids(this CpuBackend backend, int[] values)
    {
        var ids = backend.AllocateIds(values.Length);
        backend.Upload(values, ids);
        return ids;
    }

    public static float[] Read(this CpuBackend backend, Tensor tensor)
    {
        float[] values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }

    public static int[] Read(this CpuBackend backend, Ids ids)
    {
        int[] values = new int[ids.Count];
        backend.Download(ids, values);
        return values;
    }

    public static void Close(double[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]);
            Assert.True(
                error <= tolerance * (1 + Math.Abs(expected[i])), $"value {i} is {actual[i]}, not {expected[i]}");
        }
    }

    public static void Fails(string message, Action action) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(action).Message);
}
