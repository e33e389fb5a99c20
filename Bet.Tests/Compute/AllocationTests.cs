using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

/// <summary>Operations allocate nothing once each has run.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_warmed_operation_allocates_nothing(int threads)
    {
        const int rows = 1200, width = 40, others = 30;
        using var backend = new CpuBackend(threads);
        using var x = backend.Tensor(rows, width, Oracle.Values(rows * width, 1));
        using var z = backend.Tensor(rows, width, Oracle.Values(rows * width, 2));
        using var y = backend.Allocate(rows, width);
        using var column = backend.Tensor(rows, 1, Oracle.Values(rows, 3));
        using var otherColumn = backend.Allocate(rows, 1);
        using var few = backend.Tensor(others, width, Oracle.Values(others * width, 4));
        using var pairs = backend.Allocate(others * rows, width);
        using var reshaped = backend.Allocate(width, rows);
        using var dots = backend.Allocate(rows, 28);
        using var weight = backend.Tensor(width, 1, Oracle.Values(width, 5));
        using var bias = backend.Tensor(1, width, Oracle.Values(width, 6));
        using var offsets = backend.AllocateIds(rows + 1);
        using var none = backend.AllocateIds(0);
        using var best = backend.AllocateIds(5 * rows);
        var random = new Philox(1, RandomPurpose.Dropout);

        void RunAll()
        {
            backend.RowDots(1, x, z, 0, otherColumn);
            backend.ScaleRows(1, column, x, 1, y);
            backend.SampledSoftmax(1, 0.5f, column, x, null, otherColumn, y);
            backend.NormaliseRows(x, otherColumn, y);
            backend.NormaliseRowsGradient(x, column, z, 0, y);
            backend.Multiply(1, x, z, 0.5f, y);
            backend.Dropout(random, 0.3f, x, 0, y);
            backend.DropRows(random, 0.3f, x, 0, y);
            backend.PairSums(few, x, pairs);
            backend.PairSumsGradient(pairs, 0, few, 0, y);
            backend.CopyColumns(x, new(0, 10, 3), y, new(5, 10), false);
            backend.SelectTopK(x, offsets, none, 5, best);
            backend.Reshape(x, 0, reshaped);
            backend.SquaredNorm(1, x);
            backend.PairwiseDots(5, x, dots);
            backend.PairwiseDotsGradient(5, x, dots, 0, y);
            backend.CrossLayer(x, z, weight, bias, otherColumn, y);
            backend.CrossLayerGradient(x, z, weight, otherColumn, x, (y, 0), (y, 1), (weight, 0.5f), (bias, 0.5f));
            backend.LogisticLoss(1, column, otherColumn, otherColumn);
        }

        WarmedStep.AllocatesAtMost(0, backend, RunAll);
    }
}
